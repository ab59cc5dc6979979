package io.loraoperator.image;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How each application is started: the one place for Java options and environment variables. */
final class Recipe {
  /** Where jars lie in the images. */
  static final String APPLICATION = JavaRuntime.HOME + "/app";

  private static final String JAVA = "/" + JavaRuntime.HOME + "/bin/java";
  static final String ARGUMENTS = APPLICATION + "/java.arguments";

  private Recipe() {}

  /**
   * Java options of the trainer. Torch's memory is not on the Java heap: the heap gets a quarter of
   * the container and starts small, else its first collection would come after 100 MB of garbage;
   * direct buffers are bounded by the container alone. An OutOfMemoryError is not fatal to the
   * process, since the trainer turns it into a reason.
   */
  private static final List<String> TRAINER_OPTIONS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Xms32m",
          "-XX:MaxRAMPercentage=25",
          "-XX:MaxDirectMemorySize=1t",
          "-XX:+UseSerialGC",
          "-Dai.djl.offline=true");

  private static final List<String> OPERATOR_OPTIONS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:MaxRAMPercentage=60",
          "-XX:+UseSerialGC",
          "-XX:+ExitOnOutOfMemoryError",
          "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
          "-Dquarkus.http.host=0.0.0.0");

  /**
   * Small and quick to start, since one runs beside every trainer: few compilations, a heap that
   * stays small, malloc's free memory given back. The figures are in docs/adr/0008.
   */
  private static final List<String> REPORTER_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:CompileThresholdScaling=20",
          "-XX:TrimNativeHeapInterval=5000",
          "-XX:-UsePerfData",
          "-Xss512k",
          "-Xms4m",
          "-Xmn2m",
          "-Xmx16m",
          "-XX:+ExitOnOutOfMemoryError");

  static List<String> javaOptions(ImageName name) {
    return switch (name) {
      case TRAINER -> TRAINER_OPTIONS;
      case REPORTER -> REPORTER_OPTIONS;
      case OPERATOR -> OPERATOR_OPTIONS;
    };
  }

  static ImageConfiguration configuration(ImageName name, Application application, String version) {
    return new ImageConfiguration(
        entrypoint(name), environment(name, application), labels(name, version));
  }

  /** The options file's text: options, then the class path, one argument a line. */
  static String arguments(ImageName name, Application application, boolean sharesClasses) {
    List<String> lines = new ArrayList<>(javaOptions(name));
    if (sharesClasses) {
      lines.add("-XX:SharedArchiveFile=/" + ClassDataArchive.path(name));
    }
    if (name != ImageName.OPERATOR) {
      lines.add("-cp");
      lines.add(classPath(application, "/" + APPLICATION));
    }
    return String.join("\n", lines) + "\n";
  }

  /** The class path with the jars in this folder. */
  static String classPath(Application application, String folder) {
    return String.join(
        ":", application.jars().stream().map(jar -> folder + "/" + jar.name()).toList());
  }

  private static List<String> entrypoint(ImageName name) {
    String arguments = "@/" + ARGUMENTS;
    return switch (name) {
      case TRAINER -> List.of(JAVA, arguments, "io.loraoperator.trainer.LoraTrainer");
      case REPORTER -> List.of(JAVA, arguments, "io.loraoperator.reporter.Reporter");
      case OPERATOR -> List.of(JAVA, arguments, "-jar", "/" + APPLICATION + "/quarkus-run.jar");
    };
  }

  private static Map<String, String> environment(ImageName name, Application application) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("LANG", "C.UTF-8");
    environment.put("PATH", "/" + JavaRuntime.HOME + "/bin");
    environment.put("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt");
    if (name == ImageName.TRAINER) {
      environment.put("PYTORCH_LIBRARY_PATH", "/" + NativeLibraries.FOLDER + "/torch");
      environment.put("PYTORCH_VERSION", torchVersion(application));
      environment.put("PYTORCH_FLAVOR", "cpu");
      // A folder would do by the documentation, but not without a GPU (tokenizers 0.38.0).
      environment.put(
          "RUST_LIBRARY_PATH", "/" + NativeLibraries.FOLDER + "/tokenizers/libtokenizers.so");
      environment.put("DJL_CACHE_DIR", "/tmp/djl");
      // Idle threads of OpenMP wait for microseconds, then sleep: sleeping at once costs up to half
      // of the speed, and two trainers that spin on the same cores slow each other more than
      // tenfold.
      environment.put("GOMP_SPINCOUNT", "2000");
      environment.put("LD_PRELOAD", "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4");
    } else {
      // One malloc arena: the many that glibc makes for many threads would only hold memory.
      environment.put("MALLOC_ARENA_MAX", "1");
    }
    return environment;
  }

  private static String torchVersion(Application application) {
    return application.jars().stream()
        .filter(jar -> jar.component().name().equals("pytorch-native-cpu"))
        .map(jar -> jar.component().version())
        .findFirst()
        .orElseThrow(() ->
            new ImageBuildException(
                "the trainer's class path has no pytorch-native-cpu; the trainer's POM must"
                    + " depend on it"));
  }

  private static Map<String, String> labels(ImageName name, String version) {
    return Map.of(
        "org.opencontainers.image.title",
        "LoRA Operator: " + name.lowerCase(),
        "org.opencontainers.image.description",
        name.description(),
        "org.opencontainers.image.version",
        version,
        "org.opencontainers.image.licenses",
        "Apache-2.0");
  }

  /** The folder of the module that the image is made from, below the checkout. */
  static Path module(ImageName name) {
    return switch (name) {
      case OPERATOR -> Path.of("operator");
      case REPORTER -> Path.of("trainer-image/reporter");
      case TRAINER -> Path.of("trainer-image/trainer");
    };
  }
}
