package io.loraoperator.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * A Java run time linked from the JDK that builds it; one for all images, so that a node fetches
 * and holds it once.
 *
 * <p>The modules are stored uncompressed: that starts faster, and the layer's own compression then
 * does better (27.0 instead of 28.3 MB for a similar set).
 */
final class JavaRuntime {
  /** Where the run time lies in the images. */
  static final String HOME = "opt/lora";

  /**
   * What the three applications load; java.desktop is here for java.beans, its windowing libraries
   * are left out.
   */
  static final List<String> MODULES =
      List.of(
          "java.base",
          "java.compiler",
          "java.datatransfer",
          "java.desktop",
          "java.instrument",
          "java.logging",
          "java.management",
          "java.naming",
          "java.net.http",
          "java.rmi",
          "java.scripting",
          "java.security.jgss",
          "java.security.sasl",
          "java.sql",
          "java.transaction.xa",
          "java.xml",
          "jdk.charsets",
          "jdk.crypto.ec",
          "jdk.httpserver",
          "jdk.incubator.vector",
          "jdk.jfr",
          "jdk.management",
          "jdk.naming.dns",
          "jdk.net",
          "jdk.nio.mapmode",
          "jdk.security.auth",
          "jdk.unsupported",
          "jdk.zipfs");

  private static final List<String> OPTIONS =
      List.of(
          "--strip-debug",
          "--no-header-files",
          "--no-man-pages",
          "--compress=zip-0",
          "--exclude-files=glob:/java.desktop/lib/**");

  /**
   * A JDK that records for an ahead-of-time cache seeds the iteration order of its immutable
   * collections by its version, every other one by the clock: without this, jlink writes one of two
   * SystemModules classes by chance.
   */
  private static final String FIXED_ORDER = "-J-XX:AOTMode=record";

  /**
   * How the default class data archive is made. jlink would make it with a parallel collector,
   * which gives other bytes each time, and a second one for heaps of more than 32 GB.
   */
  private static final List<String> SHARE = List.of("-Xshare:dump", "-XX:+UseSerialGC", "-Xmx256m");

  private final Path javaHome;

  JavaRuntime(Path javaHome) {
    this.javaHome = javaHome;
  }

  /** What identifies the linked run time: the JDK's release file, the modules and the options. */
  String key() throws IOException {
    return Files.readString(javaHome.resolve("release"))
        + String.join(",", MODULES)
        + String.join(" ", OPTIONS)
        + FIXED_ORDER
        + String.join(" ", SHARE);
  }

  /** Links the run time into {@code staging}, which must not exist, and returns its files. */
  FileTree link(Path staging) throws IOException, InterruptedException {
    Path record = staging.resolveSibling(staging.getFileName() + ".aot");
    List<String> command =
        Stream.of(
                Stream.of(
                    javaHome.resolve("bin/jlink").toString(),
                    FIXED_ORDER,
                    "-J-XX:AOTConfiguration=" + record,
                    "--add-modules=" + String.join(",", MODULES),
                    "--output=" + staging),
                OPTIONS.stream())
            .flatMap(part -> part)
            .toList();
    Commands.run(javaHome, command);
    Commands.run(
        staging,
        Stream.concat(Stream.of(staging.resolve("bin/java").toString()), SHARE.stream()).toList());
    return new FileTree().copyOf(staging, HOME);
  }

  /** The run time as a part of the bill of materials. */
  Component component() throws IOException {
    Properties release = new Properties();
    try (var reader = Files.newBufferedReader(javaHome.resolve("release"))) {
      release.load(reader);
    }
    String version = unquoted(release, "JAVA_RUNTIME_VERSION");
    String implementor = unquoted(release, "IMPLEMENTOR");
    return new Component(
        "openjdk",
        null,
        version,
        "pkg:generic/openjdk@%s?vendor=%s"
            .formatted(version.replace("+", "%2B"), implementor.replace(" ", "%20")),
        null);
  }

  private static String unquoted(Properties release, String name) {
    return release.getProperty(name, "unknown").replace("\"", "");
  }
}
