package io.loraoperator.e2e.run;

import io.loraoperator.e2e.install.BaseModel;
import io.loraoperator.e2e.install.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Base models in the object store. */
final class Models {
  static final String BUCKET = "models";
  static final String SMOLLM2 = "smollm2-135m-instruct/";

  /** Two layers of random weights and a vocabulary of 512: a step takes milliseconds. */
  static final Path TINY_LLAMA = Path.of("src/test/resources/tiny-llama");

  private static final String TINY_LLAMA_FOLDER = "tiny-llama/";

  private Models() {}

  static void uploadTinyLlama(ObjectStore store) {
    store.ensureBucket(BUCKET);
    for (Path file : files(TINY_LLAMA)) {
      store.upload(file, BUCKET, TINY_LLAMA_FOLDER + file.getFileName());
    }
  }

  static void uploadSmolLm2(ObjectStore store) {
    Path model = BaseModel.smolLm2(OperatorExtension.CHECKOUT);
    String key = SMOLLM2 + model.getFileName();
    if (!store.list(BUCKET, SMOLLM2).contains(key)) {
      store.upload(model, BUCKET, key);
    }
  }

  static List<Path> files(Path folder) {
    try (var files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }
}
