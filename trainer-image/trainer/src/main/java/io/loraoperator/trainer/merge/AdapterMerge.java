package io.loraoperator.trainer.merge;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.ModelWriter;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.WeightUpdate;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.UnsupportedModelException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Merges an adapter into its base model: every adapted W becomes W + s B A, its rows as long as
 * DoRA's magnitudes say, and what was trained itself takes its place.
 */
public final class AdapterMerge {

  private final BaseModelFiles base;
  private final PeftAdapter adapter;

  /** A merge of what fits together or not, as {@link #write} finds out. */
  public AdapterMerge(BaseModelFiles base, PeftAdapter adapter) {
    this.base = base;
    this.adapter = adapter;
  }

  /**
   * Writes the merged model as a Hugging Face folder, in the types that the base model is stored
   * in.
   *
   * @param chatTemplate Jinja that renders conversations; null for the base model's own, if any
   * @param shardBytes no shard of several tensors is larger
   * @throws UnsupportedModelException naming a module that the base model does not have, or one
   *     whose adapter has another shape
   */
  public void write(Path folder, @Nullable String chatTemplate, long shardBytes) {
    Architecture architecture = Architecture.of(base.config());
    var adapted = new AdapterUpdates(base, adapter, architecture);
    Map<String, WeightUpdate> updates = adapted.all();
    SortedMap<String, ModelWriter.Entry> entries = new TreeMap<>();
    base.weights()
        .names()
        .forEach(name -> entries.put(name, new ModelWriter.Entry(name, updates.get(name))));
    boolean untied = architecture.head().tied() && adaptsTables(architecture);
    new ModelWriter(
            base,
            untied ? untied(entries, adapted, architecture) : entries,
            untied ? Map.of("tie_word_embeddings", false) : Map.of(),
            shardBytes)
        .write(folder, chatTemplate);
  }

  /** Whether embedding or head have an adapter, which does not change the one tied to it. */
  private boolean adaptsTables(Architecture architecture) {
    return adapter.modules().contains(architecture.embedding().module())
        || adapter.modules().contains(architecture.head().path());
  }

  /**
   * The same with a head of its own. All names get the architecture's root, without which a head's
   * weight is not found beside them.
   */
  private SortedMap<String, ModelWriter.Entry> untied(
      SortedMap<String, ModelWriter.Entry> entries,
      AdapterUpdates updates,
      Architecture architecture) {
    String head = architecture.head().weight();
    if (!adapter.config().modulesToSave().isEmpty() || !adapter.rows().isEmpty()) {
      throw new UnsupportedModelException(
          "The adapter has low-rank and other weights for the embedding and the head tied to it.");
    }
    String root = architecture.root();
    boolean rooted = entries.keySet().stream().anyMatch(name -> name.startsWith(root));
    SortedMap<String, ModelWriter.Entry> result = new TreeMap<>();
    entries.forEach(
        (name, entry) -> result.put(rooted || name.equals(head) ? name : root + name, entry));
    String embedding = updates.stored(architecture.embedding().weight());
    result.put(
        head,
        new ModelWriter.Entry(
            embedding,
            adapter.modules().contains(architecture.head().path())
                ? updates.update(architecture.headProjection())
                : null));
    return result;
  }
}
