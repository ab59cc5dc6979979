package io.loraoperator.trainer.merge;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.LowRankUpdate;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.Replacement;
import io.loraoperator.checkpoint.WeightUpdate;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.Projection;
import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.HostTensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What an adapter makes of the tensors of its base model. */
final class AdapterUpdates {

  private final BaseModelFiles base;
  private final PeftAdapter adapter;
  private final Architecture architecture;

  AdapterUpdates(BaseModelFiles base, PeftAdapter adapter, Architecture architecture) {
    this.base = base;
    this.adapter = adapter;
    this.architecture = architecture;
  }

  /**
   * The updates by the names that the base model's files have for the tensors. A head that is tied
   * to the embedding has one only of what is trained of both.
   */
  Map<String, WeightUpdate> all() {
    TreeSet<String> left = adapter.modules();
    Map<String, WeightUpdate> updates = new LinkedHashMap<>();
    for (Projection projection : architecture.projections()) {
      for (Projection.Member member : projection.members()) {
        String module = projection.path(member);
        if (left.remove(module)) {
          updates.put(
              stored(projection.weight(member)),
              update(module, projection.inputs(), member.outputs(), projection.transposed()));
        }
      }
    }
    if (left.remove(architecture.embedding().module())) {
      updates.put(stored(architecture.embedding().weight()), table());
    }
    if (left.remove(architecture.head().path()) && !architecture.head().tied()) {
      updates.put(stored(architecture.head().weight()), update(architecture.headProjection()));
    }
    if (!left.isEmpty()) {
      throw new UnsupportedModelException(
          "The adapter has weights for %s, which no %s model can have an adapter on."
              .formatted(left.first(), architecture.modelType()));
    }
    replace(updates);
    replaceRows(updates);
    return updates;
  }

  private void replace(Map<String, WeightUpdate> updates) {
    Map<String, long[]> shapes = architecture.tensors();
    String head = architecture.head().weight();
    boolean tied = architecture.head().tied();
    adapter
        .replacements()
        .forEach((name, tensor) -> {
          if (tied && name.equals(head)) {
            return; // the embedding's, which PEFT stores a second time
          }
          long[] shape = shapes.get(name);
          if (shape == null) {
            throw new UnsupportedModelException(
                "The adapter has a tensor %s, which a %s model does not have."
                    .formatted(name, architecture.modelType()));
          }
          checkShape(name, tensor, shape);
          put(updates, name, new Replacement(tensor));
        });
  }

  private void replaceRows(Map<String, WeightUpdate> updates) {
    Map<String, long[]> shapes = architecture.tensors();
    adapter
        .rows()
        .forEach((name, rows) -> {
          long[] shape = shapes.get(name);
          if (shape == null
              || rows.rows().shape()[1] != shape[1]
              || rows.tokens().stream().anyMatch(token -> token < 0 || token >= shape[0])) {
            throw new UnsupportedModelException(
                "The adapter trains the tokens %s of %s %s; the base model's is %s."
                    .formatted(
                        rows.tokens(),
                        name,
                        Arrays.toString(rows.rows().shape()),
                        Arrays.toString(shape)));
          }
          put(updates, name, rows);
        });
  }

  /** Of an embedding, too, in the copy that a file may have for the head that is tied to it. */
  private void put(Map<String, WeightUpdate> updates, String name, WeightUpdate update) {
    updates.put(stored(name), update);
    String head = architecture.head().weight();
    if (architecture.head().tied()
        && name.equals(architecture.embedding().weight())
        && base.weights().names().contains(head)) {
      updates.put(head, update);
    }
  }

  /** Of a module that is a projection of its own. */
  LowRankUpdate update(Projection single) {
    Projection.Member member = single.members().getFirst();
    return update(single.path(member), single.inputs(), member.outputs(), single.transposed());
  }

  /** Of the embedding, whose rows are what the linear modules' columns are. */
  private LowRankUpdate table() {
    String module = architecture.embedding().module();
    int rank = adapter.config().rankOf(module);
    if (adapter.config().decomposed()) {
      throw new UnsupportedModelException(
          "The adapter has DoRA on %s; only linear modules may.".formatted(module));
    }
    return new LowRankUpdate(
        tensor(module + ".lora_embedding_A", rank, architecture.vocabularySize()),
        tensor(module + ".lora_embedding_B", architecture.embedding().width(), rank),
        adapter.config().scaleOf(module),
        true,
        null);
  }

  private LowRankUpdate update(String module, int inputs, int outputs, boolean transposed) {
    int rank = adapter.config().rankOf(module);
    return new LowRankUpdate(
        tensor(module + ".lora_A.weight", rank, inputs),
        tensor(module + ".lora_B.weight", outputs, rank),
        adapter.config().scaleOf(module),
        transposed,
        adapter.config().decomposed() ? tensor(module + PeftAdapter.MAGNITUDE, outputs) : null);
  }

  private HostTensor tensor(String name, long... shape) {
    HostTensor tensor = adapter.tensors().get(PeftAdapter.NAME_PREFIX + name);
    checkShape(name, tensor, shape);
    return Objects.requireNonNull(tensor);
  }

  private static void checkShape(String name, @Nullable HostTensor tensor, long... shape) {
    if (tensor == null || !Arrays.equals(tensor.shape(), shape)) {
      throw new UnsupportedModelException(
          "The adapter's %s is %s; the base model asks for %s."
              .formatted(
                  name,
                  tensor == null ? "missing" : Arrays.toString(tensor.shape()),
                  Arrays.toString(shape)));
    }
  }

  /** Checkpoints of a decoder alone lack the architecture's root in their names. */
  String stored(String weight) {
    String root = architecture.root();
    boolean rooted = base.weights().names().contains(weight) || !weight.startsWith(root);
    String name = rooted ? weight : weight.substring(root.length());
    if (!base.weights().names().contains(name)) {
      throw new UnsupportedModelException(
          "The model has no tensor %s, which its config asks for.".formatted(name));
    }
    return name;
  }
}
