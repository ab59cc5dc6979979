package io.loraoperator.image;

import io.loraoperator.image.TreeEntry.Content;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes the layers of an image, the ones that change least first. */
final class LayerFactory {
  private final LayerCache cache;
  private final DebianPackages debian;
  private final JavaRuntime java;
  private final Path staging;

  LayerFactory(LayerCache cache, DebianPackages debian, JavaRuntime java, Path staging) {
    this.cache = cache;
    this.debian = debian;
    this.java = java;
    this.staging = staging;
  }

  List<Layer> layers(ImageName name, Path module, Application application)
      throws IOException, InterruptedException {
    List<Layer> layers = new ArrayList<>();
    Layer runtime = runtime();
    layers.add(base());
    if (name == ImageName.TRAINER) {
      layers.add(nativePackages());
    }
    layers.add(runtime);
    if (application.jars().stream().anyMatch(NativeLibraries::appliesTo)) {
      layers.add(natives(application));
    }
    Path classList = ClassDataArchive.classList(module, name);
    boolean sharesClasses = Files.exists(classList);
    Layer dependencies = jars(name.lowerCase() + "-dependencies", application, false, "");
    String arguments = Recipe.arguments(name, application, sharesClasses);
    Layer own = jars(name.lowerCase() + "-application", application, true, arguments);
    layers.add(dependencies);
    layers.add(own);
    if (sharesClasses) {
      layers.add(classes(name, classList, application, List.of(runtime, dependencies, own)));
    }
    return layers;
  }

  Layer base() throws IOException, InterruptedException {
    List<DebianPackage> packages = debian.fetch(RootFileSystem.BASE_PACKAGES);
    return cache.layer(
        "base",
        identities(packages),
        () -> new LayerCache.Content(RootFileSystem.base(packages), components(packages)));
  }

  Layer nativePackages() throws IOException, InterruptedException {
    List<DebianPackage> packages = debian.fetch(RootFileSystem.TRAINER_PACKAGES);
    return cache.layer(
        "native-packages",
        identities(packages),
        () -> new LayerCache.Content(RootFileSystem.packages(packages), components(packages)));
  }

  Layer runtime() throws IOException, InterruptedException {
    Files.createDirectories(staging);
    Path folder = Files.createTempDirectory(staging, "jlink");
    try {
      return cache.layer(
          "java",
          java.key(),
          () ->
              new LayerCache.Content(
                  java.link(folder.resolve("image")), List.of(java.component())));
    } finally {
      delete(folder);
    }
  }

  private Layer natives(Application application) throws IOException, InterruptedException {
    List<Jar> jars = application.jars().stream().filter(NativeLibraries::appliesTo).toList();
    return cache.layer(
        "libraries",
        key(jars),
        () -> {
          FileTree tree = new FileTree();
          for (Jar jar : jars) {
            NativeLibraries.unpack(jar, Recipe.APPLICATION, tree);
          }
          return new LayerCache.Content(tree, jars.stream().map(Jar::component).toList());
        });
  }

  private Layer classes(ImageName name, Path classList, Application application, List<Layer> inputs)
      throws IOException, InterruptedException {
    String key =
        Digests.sha256Hex(classList)
            + String.join(" ", Recipe.javaOptions(name))
            + String.join(" ", inputs.stream().map(Layer::digest).toList());
    Path root = Files.createTempDirectory(staging, "classes");
    try {
      return cache.layer(
          name.lowerCase() + "-classes",
          key,
          () ->
              new LayerCache.Content(
                  ClassDataArchive.make(name, classList, application, inputs, root), List.of()));
    } finally {
      delete(root);
    }
  }

  private Layer jars(String layer, Application application, boolean own, String arguments)
      throws IOException, InterruptedException {
    Predicate<Jar> wanted = jar -> jar.own() == own && !NativeLibraries.appliesTo(jar);
    List<Jar> jars = application.jars().stream().filter(wanted).toList();
    List<Application.Extra> extras =
        application.extras().stream().filter(e -> e.own() == own).toList();
    StringBuilder key = new StringBuilder(arguments).append(key(jars));
    for (Application.Extra extra : extras) {
      key.append(extra.path()).append(' ').append(Digests.sha256Hex(extra.file())).append('\n');
    }
    return cache.layer(
        layer,
        key.toString(),
        () -> {
          FileTree tree = new FileTree();
          if (extras.isEmpty()) {
            for (Jar jar : jars) {
              tree.file(Recipe.APPLICATION + "/" + jar.name(), Content.of(jar.file()));
            }
          }
          for (Application.Extra extra : extras) {
            tree.file(Recipe.APPLICATION + "/" + extra.path(), Content.of(extra.file()));
          }
          if (!arguments.isEmpty()) {
            tree.text(Recipe.ARGUMENTS, arguments);
          }
          return new LayerCache.Content(tree, jars.stream().map(Jar::component).toList());
        });
  }

  private static String key(List<Jar> jars) throws IOException {
    StringBuilder key = new StringBuilder();
    for (Jar jar : jars) {
      key.append(jar.name()).append(' ').append(Digests.sha256Hex(jar.file())).append('\n');
    }
    return key.toString();
  }

  private static String identities(List<DebianPackage> packages) {
    return String.join("\n", packages.stream().map(DebianPackage::identity).toList());
  }

  private static List<Component> components(List<DebianPackage> packages) {
    return packages.stream().map(DebianPackage::component).toList();
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
