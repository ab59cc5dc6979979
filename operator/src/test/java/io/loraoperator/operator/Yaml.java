package io.loraoperator.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Test cases that a reviewer reads as YAML: a folder each, {@code in.yaml} and what comes out. */
public final class Yaml {

  private static final Path RESOURCES = Path.of("src/test/resources");

  private Yaml() {}

  /** The folders of a kind of case. */
  public static List<Path> cases(String kind) {
    try (Stream<Path> folders = Files.list(RESOURCES.resolve(kind))) {
      return folders.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of a case. */
  public static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One object. */
  public static <T> T read(Path file, Class<T> type) {
    return Serialization.unmarshal(read(file), type);
  }

  /** Compares with what is committed; {@code -Dregenerate=true} writes it instead. */
  public static void compare(Path expected, Object actual) {
    String yaml = Serialization.asYaml(actual);
    if (Boolean.getBoolean("regenerate")) {
      try {
        Files.writeString(expected, yaml);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return;
    }
    assertThat(yaml)
        .as("%s; -Dregenerate=true writes it again", expected)
        .isEqualTo(read(expected));
  }
}
