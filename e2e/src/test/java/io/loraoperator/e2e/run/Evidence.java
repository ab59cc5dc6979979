package io.loraoperator.e2e.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps what users saw, word for word, for the documentation: in the folder that the environment
 * variable {@value #VARIABLE} names, or nowhere.
 */
final class Evidence {
  static final String VARIABLE = "LORA_OPERATOR_EVIDENCE";

  private Evidence() {}

  /** Writes one text. */
  static void keep(String name, String text) {
    String folder = System.getenv(VARIABLE);
    if (folder == null || folder.isEmpty()) {
      return;
    }
    try {
      Path target = Files.createDirectories(Path.of(folder)).resolve(name + ".txt");
      Files.writeString(target, text.stripTrailing() + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep the evidence " + name, e);
    }
  }
}
