package io.loraoperator.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An image's file system, unpacked, in which programs are run as in a container: read-only but for
 * a {@code /tmp} in memory, with {@code /proc} and {@code /dev}, in mount and user namespaces of
 * their own, by {@code unshare}, which needs no rights.
 */
final class ImageRoot {
  private static final String ENTER =
      """
      set -e
      root=$1
      shift
      mount --rbind "$root" "$root"
      mount --rbind /proc "$root/proc"
      mount --rbind /dev "$root/dev"
      mount -t tmpfs tmpfs "$root/tmp"
      [ -z "$PROBE" ] || cp -r "$PROBE" "$root/tmp/probe"
      mount -o remount,bind,ro "$root"
      cd /
      exec env LD_PRELOAD="$PRELOAD" chroot "$root" "$@"
      """;

  private final Path root;
  private final Map<String, String> environment;

  private ImageRoot(Path root, Map<String, String> environment) {
    this.root = root;
    this.environment = environment;
  }

  /** Unpacks these layers into an empty folder. */
  static ImageRoot unpack(List<Layer> layers, Map<String, String> environment, Path folder)
      throws IOException {
    for (Layer layer : layers) {
      LayerReader.unpack(layer, folder);
    }
    return new ImageRoot(folder, environment);
  }

  Path path() {
    return root;
  }

  /** How a program ended and what it printed. */
  record Outcome(int exit, String output) {}

  /** Runs a program of the image; {@code probe} is a folder that appears as {@code /tmp/probe}. */
  Outcome run(Path probe, List<String> command) throws IOException, InterruptedException {
    List<String> whole = new ArrayList<>(List.of("unshare", "--map-root-user", "--mount", "sh"));
    whole.addAll(List.of("-c", ENTER, "enter", root.toString()));
    whole.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(whole).redirectErrorStream(true);
    Path output = Files.createTempFile("image-root", ".log");
    builder.redirectOutput(output.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    builder.environment().put("PROBE", probe.toString());
    // The image's PATH and preloaded library mean nothing to the programs that enter it.
    builder.environment().put("PRELOAD", environment.getOrDefault("LD_PRELOAD", ""));
    environment.forEach((name, value) -> {
      if (!name.equals("PATH") && !name.equals("LD_PRELOAD")) {
        builder.environment().put(name, value);
      }
    });
    int exit = builder.start().waitFor();
    String text = Files.readString(output, StandardCharsets.UTF_8);
    Files.delete(output);
    return new Outcome(exit, text);
  }
}
