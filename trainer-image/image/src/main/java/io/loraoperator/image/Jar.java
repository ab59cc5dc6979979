package io.loraoperator.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A jar of an application's class path with its Maven coordinates, which come from its place in a
 * Maven repository and the POM beside it.
 *
 * @param file the jar
 * @param own whether this build made it, so that it changes with the code
 * @param component what the bill of materials says of it
 */
record Jar(Path file, boolean own, Component component) {
  private static final String OWN_GROUP = "io.loraoperator";
  private static final Pattern PARENT = Pattern.compile("<parent>.*?</parent>", Pattern.DOTALL);
  private static final Pattern GROUP = Pattern.compile("<groupId>\\s*([^<\\s]+)\\s*</groupId>");
  private static final Pattern BELOW_HEAD =
      Pattern.compile("<(dependencies|dependencyManagement|build|profiles)>.*", Pattern.DOTALL);

  String name() {
    return file.getFileName().toString();
  }

  /** A jar that a module of this project built into its {@code target} folder. */
  static Jar ofProject(Path file, String version) {
    String artifact = file.getFileName().toString().replace("-" + version + ".jar", "");
    return new Jar(file, true, component(OWN_GROUP, artifact, version, null));
  }

  /** A jar of a Maven repository: {@code …/artifact/version/artifact-version.jar}. */
  static Jar ofRepository(Path file) throws IOException {
    int names = file.getNameCount();
    if (names < 4) {
      throw new ImageBuildException(file + " does not lie in a Maven repository");
    }
    String version = file.getName(names - 2).toString();
    String artifact = file.getName(names - 3).toString();
    Path pom = file.resolveSibling(artifact + "-" + version + ".pom");
    String group = Files.exists(pom) ? group(Files.readString(pom)) : "unknown";
    return new Jar(file, false, component(group, artifact, version, Digests.sha256Hex(file)));
  }

  static Component component(String group, String artifact, String version, @Nullable String hash) {
    String purl = "pkg:maven/%s/%s@%s".formatted(group, artifact, version);
    return new Component(artifact, group, version, purl, hash);
  }

  /** The project's own group, or else its parent's. */
  private static String group(String pom) {
    String head = BELOW_HEAD.matcher(pom).replaceAll("");
    Matcher own = GROUP.matcher(PARENT.matcher(head).replaceAll(""));
    if (own.find()) {
      return own.group(1);
    }
    Matcher inherited = GROUP.matcher(head);
    return inherited.find() ? inherited.group(1) : "unknown";
  }
}
