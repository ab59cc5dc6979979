package io.loraoperator.trainer.hub;

import io.loraoperator.trainer.storage.Retry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Pushes a folder: {@code ENDPOINT OWNER/NAME TOKEN FOLDER}; prints the commit. */
final class PushedFolder {

  private PushedFolder() {}

  static void main(String[] arguments) throws IOException {
    HubAccess access = new HubAccess(arguments[0], arguments[2], HubAccess.PUSH_PATIENCE);
    try (HubPush hub = new HubPush(access, arguments[1], Retry.READING)) {
      hub.create(true);
      System.out.println(hub.push(files(Path.of(arguments[3])), "a folder"));
    }
  }

  /** The files of a folder by their names in a repository. */
  static Map<String, Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> regular = files.filter(Files::isRegularFile).toList();
      Map<String, Path> named = new TreeMap<>();
      regular.forEach(file -> named.put(folder.relativize(file).toString(), file));
      return named;
    }
  }
}
