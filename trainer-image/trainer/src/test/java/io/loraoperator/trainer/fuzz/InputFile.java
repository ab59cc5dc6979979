package io.loraoperator.trainer.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where inputs lie while they are read; the last one is left behind if the process is lost. */
final class InputFile {

  private InputFile() {}

  static Path named(String name) {
    return folder().resolve(name);
  }

  static Path folder() {
    try {
      return Files.createDirectories(Path.of("input"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
