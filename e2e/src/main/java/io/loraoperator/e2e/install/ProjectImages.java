package io.loraoperator.e2e.install;

import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.image.BuildImages;
import io.loraoperator.image.BuiltImage;
import io.loraoperator.image.ImageBuildException;
import io.loraoperator.image.ImageBuilder;
import io.loraoperator.image.ImageName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The images of this checkout, where a cluster can run them. The tag is the content's digest, so
 * that a changed image is another image and an unchanged one is not imported again.
 *
 * @param references the full name of each image
 */
public record ProjectImages(Map<ImageName, String> references) {
  private static final int TAG_LENGTH = 12;

  public ProjectImages {
    references = Map.copyOf(references);
  }

  /**
   * Builds what is not cached and imports or pushes what the cluster does not have.
   *
   * @param checkout the root folder of the checkout, its modules packaged
   */
  public static ProjectImages provide(Cluster cluster, Path checkout) {
    try {
      String version = BuildImages.projectVersion();
      boolean push = cluster.registry().isPresent();
      String repository = cluster.registry().orElse(ImageBuilder.Settings.DEFAULT_REPOSITORY);
      ImageBuilder builder =
          ImageBuilder.create(
              ImageBuilder.Settings.of(checkout, version).named(repository, version));
      Map<ImageName, String> references = new EnumMap<>(ImageName.class);
      List<String> present = push ? List.of() : imagesOfNodes(cluster);
      for (ImageName name : ImageName.values()) {
        BuiltImage image = tagged(builder.build(name), repository);
        if (push) {
          image.push();
        } else if (!present.contains(image.reference())) {
          importInto(cluster, image);
        }
        references.put(name, image.reference());
      }
      return new ProjectImages(references);
    } catch (ImageBuildException e) {
      throw new ClusterException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot build the images", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("interrupted while building the images", e);
    }
  }

  /** The chart values that name these images. */
  public Map<String, String> chartValues() {
    Map<String, String> values = new LinkedHashMap<>();
    references.forEach((name, reference) -> values.put("images." + name.lowerCase(), reference));
    return values;
  }

  public String reference(ImageName name) {
    String reference = references.get(name);
    if (reference == null) {
      throw new IllegalStateException("no image was built for " + name);
    }
    return reference;
  }

  private static BuiltImage tagged(BuiltImage image, String repository) {
    String digest = image.digest().substring(image.digest().indexOf(':') + 1);
    String tag = digest.substring(0, TAG_LENGTH);
    return new BuiltImage(
        image.name(), repository + "/" + image.name().lowerCase() + ":" + tag, image.image());
  }

  private static void importInto(Cluster cluster, BuiltImage image) throws IOException {
    Path folder = Files.createTempDirectory("lora-operator-image");
    try {
      cluster.importImage(image.writeTo(folder));
    } finally {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  private static List<String> imagesOfNodes(Cluster cluster) {
    try (KubernetesClient client = cluster.client()) {
      return client.nodes().list().getItems().stream()
          .flatMap(node -> node.getStatus().getImages().stream())
          .map(ContainerImage::getNames)
          .flatMap(List::stream)
          .toList();
    }
  }
}
