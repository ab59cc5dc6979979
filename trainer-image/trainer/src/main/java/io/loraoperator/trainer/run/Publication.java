package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.ModelWriter;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.model.Quantization;
import io.loraoperator.trainer.artifacts.ArtifactManifest;
import io.loraoperator.trainer.artifacts.FileEntry;
import io.loraoperator.trainer.artifacts.ModelCard;
import io.loraoperator.trainer.artifacts.Provenance;
import io.loraoperator.trainer.artifacts.QuantizationConfig;
import io.loraoperator.trainer.artifacts.Sample;
import io.loraoperator.trainer.artifacts.TrainingLog;
import io.loraoperator.trainer.merge.AdapterMerge;
import io.loraoperator.trainer.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes the results into a folder and stores them, the manifest last. */
final class Publication {

  private static final String ADAPTER = "adapter/";
  private static final String MERGED = "merged/";
  private static final String SAMPLES = "samples.jsonl";

  private final Path folder;

  /** Results are put together in a folder of this machine. */
  Publication(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes the adapter with its tokenizer.
   *
   * @param chatTemplate what chats were written with; null for the tokenizer's own
   * @param base how the base model was held
   */
  void adapter(
      PeftAdapter adapter,
      Tokenizer tokenizer,
      @Nullable String chatTemplate,
      FineTuneSpec.BaseModel base) {
    Path target = folder.resolve(ADAPTER);
    try {
      Files.createDirectories(target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    PeftAdapter.write(target, adapter.config(), adapter.tensors());
    tokenizer.saveTo(target, chatTemplate);
    Quantization quantization = EngineSettings.quantization(base);
    if (quantization != null) {
      QuantizationConfig.write(target, quantization, EngineSettings.precision(base));
    }
  }

  /** Writes the base model with the adapter merged into it; see {@link #adapter}. */
  void merged(BaseModelFiles base, PeftAdapter adapter, @Nullable String chatTemplate) {
    new AdapterMerge(base, adapter)
        .write(folder.resolve(MERGED), chatTemplate, ModelWriter.SHARD_BYTES);
  }

  /** Writes log, answers and model card. */
  void texts(TrainingLog log, List<Sample> samples, String modelCard) {
    try {
      log.settled().forEach(file -> file.copyTo(folder.resolve(file.key())));
      if (!samples.isEmpty()) {
        StringBuilder lines = new StringBuilder();
        samples.forEach(sample -> lines.append(ContractJson.write(sample)).append('\n'));
        Files.writeString(folder.resolve(SAMPLES), lines);
      }
      Files.writeString(folder.resolve(ModelCard.FILE), modelCard);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stores everything. */
  ResultDocument.Output store(Storage storage, Provenance provenance) {
    Map<String, FileEntry> entries = new TreeMap<>();
    for (Path file : files()) {
      entries.put(folder.relativize(file).toString().replace('\\', '/'), FileEntry.of(file));
    }
    ArtifactManifest manifest =
        new ArtifactManifest(ArtifactManifest.SCHEMA_VERSION, provenance, entries);
    Path manifestFile = folder.resolve(ArtifactManifest.FILE);
    try {
      ContractJson.writeAtomically(manifestFile, ContractJson.write(manifest));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    entries.keySet().forEach(key -> storage.upload(folder.resolve(key), key));
    storage.upload(manifestFile, ArtifactManifest.FILE);
    FileEntry weights = manifest.files().get(ADAPTER + PeftAdapter.WEIGHTS_FILE);
    if (weights == null) {
      throw new IllegalStateException("the results hold no adapter");
    }
    return new ResultDocument.Output(
        storage.uri(ADAPTER),
        weights.sha256(),
        null,
        entries.keySet().stream().anyMatch(key -> key.startsWith(MERGED))
            ? storage.uri(MERGED)
            : null,
        null);
  }

  /** What goes to the hub, by its name there: the adapter at the top, where PEFT looks for it. */
  Map<String, Path> pushed() {
    Map<String, Path> pushed = new TreeMap<>();
    for (Path file : files()) {
      String key = folder.relativize(file).toString().replace('\\', '/');
      if (key.startsWith(ADAPTER)) {
        pushed.put(key.substring(ADAPTER.length()), file);
      } else if (!key.startsWith(MERGED)) {
        pushed.put(key, file);
      }
    }
    return pushed;
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.equals(folder.resolve(ArtifactManifest.FILE)))
          .sorted(Comparator.naturalOrder())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
