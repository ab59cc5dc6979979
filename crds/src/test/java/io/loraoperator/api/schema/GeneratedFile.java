package io.loraoperator.api.schema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * A committed file that is made from the Java types.
 *
 * @param path from the root of the checkout
 * @param content what the file must hold
 */
record GeneratedFile(String path, Supplier<String> content) {
  /** Writes the files again. Without the property the same test only compares. */
  static final String COMMAND =
      "./mvnw -pl crds -am test -Dtest=GeneratedFilesTest -Dsurefire.failIfNoSpecifiedTests=false"
          + " -Dregenerate=true";

  static final String CRD =
      "crds/src/main/resources/META-INF/fabric8/lorafinetunes.finetune.loraoperator.io-v1.yml";

  /** Tests run in the folder of their module. */
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  Path file() {
    return ROOT.resolve(path);
  }

  void write() throws IOException {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), content.get());
  }

  @Override
  public String toString() {
    return path;
  }
}
