package io.loraoperator.trainer.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Serves a folder as the hub: {@code models/<owner>/<name>/…} and {@code
 * datasets/<owner>/<name>/…}. Prints its address and ends with its standard input.
 */
final class ServedFolder {

  private ServedFolder() {}

  static void main(String[] arguments) throws IOException {
    try (HubServer server = new HubServer()) {
      Path root = Path.of(arguments[0]);
      try (Stream<Path> files = Files.walk(root)) {
        files.filter(Files::isRegularFile).forEach(file -> add(server, root, file));
      }
      System.out.println(server.endpoint());
      System.out.flush();
      while (System.in.read() >= 0) {
        // Until whoever started this closes the pipe.
      }
    }
  }

  private static void add(HubServer server, Path root, Path file) {
    Path path = root.relativize(file);
    String name = path.getName(1) + "/" + path.getName(2);
    ServedRepository repository =
        path.startsWith("models") ? server.model(name) : server.dataset(name);
    try {
      repository.put(path.subpath(3, path.getNameCount()).toString(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (name.endsWith("gated")) {
      repository.gated();
    }
    if (name.endsWith("private")) {
      repository.hidden();
    }
  }
}
