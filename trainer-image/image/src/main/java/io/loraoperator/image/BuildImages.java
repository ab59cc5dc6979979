package io.loraoperator.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code build-images}. */
@Command(
    name = "build-images",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Builds the images of operator, reporter and trainer, without Docker and without base"
            + " images, from Debian packages, this machine's JDK 25 and the packaged modules.")
public final class BuildImages implements Callable<Integer> {
  private static final double MEGABYTE = 1e6;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Where <image>.tar and <image>.cdx.json go (default: ${DEFAULT-VALUE}).",
      defaultValue = "target/images")
  private Path output = Path.of("target/images");

  @Option(
      names = "--repository",
      paramLabel = "REGISTRY/PATH",
      description = "What the images' names begin with (default: ${DEFAULT-VALUE}).",
      defaultValue = ImageBuilder.Settings.DEFAULT_REPOSITORY)
  private String repository = ImageBuilder.Settings.DEFAULT_REPOSITORY;

  @Option(names = "--tag", description = "The images' tag (default: the project's version).")
  private @Nullable String tag;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      description = "Build only these: ${COMPLETION-CANDIDATES}.")
  private List<ImageName> only = Arrays.asList(ImageName.values());

  @Option(
      names = "--push",
      paramLabel = "REGISTRY/PATH",
      description = "Also push the images below this path; overrides --repository.")
  private @Nullable String push;

  @Option(
      names = "--refresh-packages",
      description = "Take the newest Debian packages instead of those of earlier builds.")
  private boolean refreshPackages;

  @Option(
      names = "--debian-mirror",
      paramLabel = "URL",
      description = "Where Debian's archive is (default: the mirror that this machine's apt uses).",
      defaultValue = "")
  private String debianMirror = "";

  @Option(
      names = "--checkout",
      hidden = true,
      description = "The project's root folder.",
      defaultValue = ".")
  private Path checkout = Path.of(".");

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    return new CommandLine(new BuildImages())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(BuildImages::explain)
        .execute(arguments);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    String version = projectVersion();
    ImageBuilder.Settings defaults = ImageBuilder.Settings.of(checkout, version);
    ImageBuilder.Settings settings =
        new ImageBuilder.Settings(
            checkout,
            version,
            push == null ? repository : push,
            tag == null ? version : tag,
            defaults.javaHome(),
            defaults.cache(),
            debianMirror);
    ImageBuilder builder = ImageBuilder.create(settings);
    if (refreshPackages) {
      builder.refreshPackages();
    }
    PrintWriter out = out();
    for (ImageName name : only) {
      BuiltImage image = builder.build(name);
      Path tar = image.writeTo(output);
      out.printf("%s%n  %s%n  %s%n", image.reference(), image.digest(), tar);
      printSizes(image, out);
      if (push != null) {
        image.push();
        out.printf("  pushed%n");
      }
      out.flush();
    }
    return 0;
  }

  private static void printSizes(BuiltImage image, PrintWriter out) {
    String row = "  %-24s %12s %14s%n";
    out.printf(row, "layer", "compressed", "uncompressed");
    for (Layer layer : image.layers()) {
      out.printf(row, layer.name(), megabytes(layer.size()), megabytes(layer.uncompressedSize()));
    }
    out.printf(
        row, "total", megabytes(image.compressedSize()), megabytes(image.uncompressedSize()));
  }

  private static String megabytes(long bytes) {
    return "%.1f MB".formatted(bytes / MEGABYTE);
  }

  /** The version that Maven wrote into this module's jar. */
  public static String projectVersion() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = BuildImages.class.getResourceAsStream("project.properties")) {
      if (in == null) {
        throw new IllegalStateException("the module was built without project.properties");
      }
      properties.load(in);
    }
    return properties.getProperty("version");
  }

  private PrintWriter out() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before it calls");
    }
    return spec.commandLine().getOut();
  }

  private static int explain(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    String message =
        failure instanceof ImageBuildException
            ? failure.getMessage()
            : failure.getClass().getSimpleName() + ": " + failure.getMessage();
    command.getErr().println("build-images: " + message);
    return 1;
  }
}
