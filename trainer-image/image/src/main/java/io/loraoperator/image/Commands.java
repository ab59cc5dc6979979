package io.loraoperator.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Runs the few programs of this machine that the build needs. */
final class Commands {
  private Commands() {}

  /**
   * Runs a command to its end and returns what it printed.
   *
   * @throws ImageBuildException with the command's own words when it fails
   */
  static String run(Path workingFolder, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(workingFolder.toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exit = process.waitFor();
    if (exit != 0) {
      throw new ImageBuildException(
          "'%s' failed with exit code %d:%n%s"
              .formatted(String.join(" ", command), exit, output.strip()));
    }
    return output;
  }
}
