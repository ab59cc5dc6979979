package io.loraoperator.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The list of artifacts that Quarkus leaves in a fast-jar folder. */
final class QuarkusDependencies {
  static final String FILE = "quarkus-app-dependencies.txt";

  private QuarkusDependencies() {}

  /** Lines are {@code group:artifact:classifier:type:version}. */
  static List<Component> read(Path fastJar) throws IOException {
    return Files.readAllLines(fastJar.resolve(FILE)).stream()
        .map(line -> line.split(":", -1))
        .filter(fields -> fields.length == 5)
        .map(fields -> Jar.component(fields[0], fields[1], fields[4], null))
        .toList();
  }

  /** The name that Quarkus gives the jar in {@code lib/}. */
  static String fileName(Component component) {
    return "%s.%s-%s.jar".formatted(component.group(), component.name(), component.version());
  }
}
