package io.loraoperator.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A built application as the reactor leaves it: its jars and, for the operator, Quarkus' fast-jar
 * folder.
 *
 * @param jars the class path in order, the application's own jar first
 * @param extras files beside the jars, by their path below the application's folder
 */
record Application(List<Jar> jars, List<Extra> extras) {
  private static final String CLASSPATH_FILE = "runtime-classpath";

  Application {
    jars = List.copyOf(jars);
    extras = List.copyOf(extras);
  }

  /**
   * @param path below the application's folder in the image
   * @param own whether it changes with this project's code
   */
  record Extra(String path, boolean own, Path file) {}

  /** A module packaged by Maven: its jar, and {@code target/runtime-classpath} beside it. */
  static Application ofModule(Path module, String version) throws IOException {
    String artifact = module.getFileName().toString();
    Path target = module.resolve("target");
    Path own = target.resolve(artifact + "-" + version + ".jar");
    Path classpath = target.resolve(CLASSPATH_FILE);
    requireBuilt(own, module);
    requireBuilt(classpath, module);
    List<Jar> jars = new ArrayList<>();
    jars.add(Jar.ofProject(own, version));
    for (String entry : Files.readString(classpath).strip().split(":", -1)) {
      Path file = Path.of(entry);
      if (!entry.endsWith(".jar")) {
        throw new ImageBuildException(
            classpath
                + " names "
                + entry
                + ", which is no jar: run Maven up to the phase package, not only compile");
      }
      requireBuilt(file, module);
      boolean ofThisBuild =
          file.getNameCount() > 1 && file.getName(file.getNameCount() - 2).endsWith("target");
      jars.add(ofThisBuild ? Jar.ofProject(file, version) : Jar.ofRepository(file));
    }
    return new Application(jars, List.of());
  }

  /** A Quarkus fast-jar: {@code target/quarkus-app} of the operator's module. */
  static Application ofQuarkus(Path module) throws IOException {
    Path folder = module.resolve("target/quarkus-app");
    requireBuilt(folder.resolve("quarkus-run.jar"), module);
    List<Component> listed = QuarkusDependencies.read(folder);
    List<Jar> jars = new ArrayList<>();
    List<Extra> extras = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      String path = folder.relativize(file).toString();
      if (path.equals(QuarkusDependencies.FILE)) {
        continue;
      }
      String name = file.getFileName().toString();
      boolean own = !path.startsWith("lib/") || name.startsWith("io.loraoperator.");
      extras.add(new Extra(path, own, file));
      for (Component component : listed) {
        if (name.equals(QuarkusDependencies.fileName(component))) {
          jars.add(new Jar(file, own, component));
        }
      }
    }
    return new Application(jars, extras);
  }

  private static void requireBuilt(Path file, Path module) {
    if (!Files.exists(file)) {
      throw new ImageBuildException(
          "%s is missing: build it first with ./mvnw package -DskipTests -pl :%s -am"
              .formatted(file, module.getFileName()));
    }
  }
}
