package io.loraoperator.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Builds images from what Maven has packaged. It takes paths and depends on no other module, so it
 * can be called whenever the artifacts exist.
 *
 * <pre>{@code
 * ImageBuilder builder = ImageBuilder.create(ImageBuilder.Settings.of(checkout, version));
 * Path tar = builder.build(ImageName.TRAINER).writeTo(folder);
 * }</pre>
 */
public final class ImageBuilder {
  private final Settings settings;
  private final DebianPackages debian;
  private final LayerFactory layers;

  private ImageBuilder(Settings settings) throws IOException {
    this.settings = settings;
    this.debian = new DebianPackages(settings.cache().resolve("debian"), settings.debianMirror());
    this.layers =
        new LayerFactory(
            new LayerCache(settings.cache().resolve("layers")),
            debian,
            new JavaRuntime(settings.javaHome()),
            settings.cache().resolve("staging"));
  }

  /**
   * What to build and with what.
   *
   * @param checkout the project's root folder, its modules packaged
   * @param version the project's version, as in its jars' names
   * @param repository where the images belong: {@code registry/path}
   * @param tag the images' tag
   * @param javaHome a JDK 25 of this machine, which links the run time
   * @param cache where layers and packages are kept between builds
   * @param debianMirror where Debian's archive is; empty for the mirror that this machine's apt
   *     uses
   */
  public record Settings(
      Path checkout,
      String version,
      String repository,
      String tag,
      Path javaHome,
      Path cache,
      String debianMirror) {

    public static final String DEFAULT_REPOSITORY = "localhost/lora-operator";

    /** Images as the Helm chart expects them by default, with the JDK that runs this program. */
    public static Settings of(Path checkout, String version) {
      return new Settings(
          checkout,
          version,
          DEFAULT_REPOSITORY,
          version,
          Path.of(System.getProperty("java.home")),
          defaultCache(),
          "");
    }

    /** The same with another name for the images. */
    public Settings named(String newRepository, String newTag) {
      return new Settings(checkout, version, newRepository, newTag, javaHome, cache, debianMirror);
    }

    /** {@code $LORA_OPERATOR_CACHE/lora-operator}, by default below {@code ~/.cache}. */
    public static Path defaultCache() {
      String root = System.getenv("LORA_OPERATOR_CACHE");
      Path folder =
          root == null || root.isEmpty()
              ? Path.of(System.getProperty("user.home"), ".cache")
              : Path.of(root);
      return folder.resolve("lora-operator");
    }
  }

  /**
   * Prepares a builder and checks this machine.
   *
   * @throws ImageBuildException naming everything this machine lacks, with the command to install
   *     it
   */
  public static ImageBuilder create(Settings settings) throws IOException {
    Prerequisites.check(settings.javaHome());
    Files.createDirectories(settings.cache());
    return new ImageBuilder(settings);
  }

  /** Takes the newest Debian packages from now on, instead of those resolved by earlier builds. */
  public void refreshPackages() throws IOException {
    debian.refresh();
  }

  /**
   * Builds one image; layers that exist already are taken from the cache.
   *
   * @throws ImageBuildException if the module is not packaged or a part cannot be made
   */
  public BuiltImage build(ImageName name) throws IOException, InterruptedException {
    Path module = settings.checkout().resolve(Recipe.module(name));
    Application application =
        name == ImageName.OPERATOR
            ? Application.ofQuarkus(module)
            : Application.ofModule(module, settings.version());
    String reference = settings.repository() + "/" + name.lowerCase() + ":" + settings.tag();
    OciImage image =
        new OciImage(
            layers.layers(name, module, application),
            Recipe.configuration(name, application, settings.version()));
    return new BuiltImage(name, reference, image);
  }

  LayerFactory layers() {
    return layers;
  }
}
