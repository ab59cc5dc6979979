package io.loraoperator.image;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Looks for everything the build needs of this machine, and names all that is missing at once. */
final class Prerequisites {
  private static final Map<String, String> PACKAGE_OF_COMMAND =
      Map.of("apt-get", "apt", "dpkg-deb", "dpkg");

  private Prerequisites() {}

  /**
   * @throws ImageBuildException naming what is missing and the command that installs it
   */
  static void check(Path javaHome) {
    String platform =
        System.getProperty("os.name").toLowerCase(Locale.ROOT)
            + "/"
            + System.getProperty("os.arch");
    if (!platform.equals("linux/amd64")) {
      throw new ImageBuildException(
          "the images hold linux/amd64 programs and the Java run time of the machine that builds"
              + " them, which is "
              + platform
              + "; build them on linux/amd64");
    }
    if (!Files.isExecutable(javaHome.resolve("bin/jlink"))) {
      throw new ImageBuildException(
          javaHome
              + " has no bin/jlink: it is a run time, not a JDK. Install a JDK 25, for example:"
              + " apt-get install --yes temurin-25-jdk");
    }
    List<String> packages = new ArrayList<>();
    PACKAGE_OF_COMMAND.forEach((command, debianPackage) -> {
      if (!onPath(command)) {
        packages.add(debianPackage);
      }
    });
    if (!Files.exists(DebianPackages.KEYRING)) {
      packages.add("debian-archive-keyring");
    }
    if (!packages.isEmpty()) {
      throw new ImageBuildException(
          "the images' root file system is made of Debian packages, and this machine lacks what"
              + " fetches them. Install it with: apt-get install --yes "
              + String.join(" ", packages.stream().sorted().toList()));
    }
  }

  private static boolean onPath(String command) {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    return Stream.of(path.split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
  }
}
