package io.loraoperator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The real images of trainer and reporter: built, unpacked, and their programs run. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImagesIT {
  private static final String JAVA = "/opt/lora/bin/java";
  private static final long MEGABYTE = 1_000_000;
  private static final Path NOTHING = Path.of("");

  @TempDir private Path folder;
  private ImageBuilder builder;

  @BeforeAll
  void prepare() throws IOException {
    builder = ImageBuilder.create(settings(ImageBuilder.Settings.defaultCache()));
  }

  @Test
  void theReporterStartsFromItsClassDataArchive() throws Exception {
    BuiltImage image = builder.build(ImageName.REPORTER);
    ImageRoot root = unpack(image);

    List<String> command = new ArrayList<>(entrypoint(image));
    // "on" makes an archive that does not fit fatal; by default it is silently left out.
    command.add(1, "-Xshare:on");
    ImageRoot.Outcome outcome = root.run(NOTHING, command);

    assertThat(outcome.output())
        .contains("environment variable KUBERNETES_SERVICE_HOST is not set");
    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(image.compressedSize()).isLessThan(120 * MEGABYTE);
  }

  @Test
  void theTrainersNativeLibrariesLoadFromTheReadOnlyTree() throws Exception {
    BuiltImage image = builder.build(ImageName.TRAINER);
    ImageRoot root = unpack(image);

    ImageRoot.Outcome outcome =
        root.run(
            Path.of("target/test-classes"),
            List.of(
                JAVA,
                "-Dai.djl.offline=true",
                "-cp",
                "/opt/lora/app/*:/tmp/probe",
                NativeProbe.class.getName()));

    System.out.println(outcome.output());
    assertThat(outcome.output())
        .contains("torch 2.7.1 8.0", "duckdb 42", "tokenizers-milliseconds", "encoding UTF-8")
        .contains("allocator tcmalloc")
        .doesNotContain("unpacked /tmp/djl");
    assertThat(outcome.exit()).isZero();
    assertThat(image.compressedSize()).isLessThan(300 * MEGABYTE);
  }

  @Test
  void theRunTimeIsALinkedOneAndThereIsNoShell() throws Exception {
    List<Layer> layers = List.of(builder.layers().base(), builder.layers().runtime());
    ImageRoot root =
        ImageRoot.unpack(layers, Map.of(), Files.createDirectory(folder.resolve("jre")));

    ImageRoot.Outcome version = root.run(NOTHING, List.of(JAVA, "-version"));
    ImageRoot.Outcome modules = root.run(NOTHING, List.of(JAVA, "--list-modules"));

    assertThat(version.output()).contains("version \"25");
    assertThat(modules.output()).contains("java.net.http@").doesNotContain("jdk.compiler@");
    assertThat(root.path().resolve("lib64/ld-linux-x86-64.so.2")).isSymbolicLink();
    assertThat(root.path().resolve("etc/ssl/certs/ca-certificates.crt"))
        .content()
        .contains("BEGIN CERTIFICATE");
    assertThat(List.of("bin/sh", "usr/bin/sh", "usr/bin/dpkg", "usr/share/doc"))
        .noneMatch(path -> Files.exists(root.path().resolve(path)));
  }

  @Test
  void anEmptyCacheGivesTheSameDigests() throws Exception {
    Path cache = Files.createDirectory(folder.resolve("cache"));
    // The packages' versions are resolved once; what is tested is that they give the same layers.
    Files.createSymbolicLink(
        cache.resolve("debian"), ImageBuilder.Settings.defaultCache().resolve("debian"));
    builder.layers().base();

    BuiltImage again = ImageBuilder.create(settings(cache)).build(ImageName.REPORTER);

    assertThat(again.layers())
        .extracting(Layer::name, Layer::digest)
        .isEqualTo(
            builder.build(ImageName.REPORTER).layers().stream()
                .map(layer -> tuple(layer.name(), layer.digest()))
                .toList());
  }

  private static ImageBuilder.Settings settings(Path cache) throws IOException {
    Path checkout = Path.of("../..").toRealPath();
    ImageBuilder.Settings defaults =
        ImageBuilder.Settings.of(checkout, BuildImages.projectVersion());
    return new ImageBuilder.Settings(
        checkout,
        defaults.version(),
        defaults.repository(),
        defaults.tag(),
        defaults.javaHome(),
        cache,
        defaults.debianMirror());
  }

  private ImageRoot unpack(BuiltImage image) throws IOException {
    Map<String, String> environment = new HashMap<>();
    for (JsonNode variable : config(image).at("/config/Env")) {
      String[] parts = variable.asText().split("=", 2);
      environment.put(parts[0], parts[1]);
    }
    Path root = Files.createDirectory(folder.resolve(image.name().lowerCase()));
    return ImageRoot.unpack(image.layers(), environment, root);
  }

  private static List<String> entrypoint(BuiltImage image) throws IOException {
    List<String> entrypoint = new ArrayList<>();
    config(image).at("/config/Entrypoint").forEach(part -> entrypoint.add(part.asText()));
    return entrypoint;
  }

  private static JsonNode config(BuiltImage image) throws IOException {
    return new ObjectMapper().readTree(image.image().config());
  }
}
