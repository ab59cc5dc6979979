package io.loraoperator.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Reads which images an OCI layout archive holds. */
public final class ImageArchive {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ImageArchive() {}

  /**
   * The full references in the archive's index.
   *
   * @throws ClusterException naming the file if it has no index, or an image in it has no full name
   */
  public static List<String> references(Path archive) {
    JsonNode index = index(archive);
    List<String> names = new ArrayList<>();
    for (JsonNode manifest : index.path("manifests")) {
      JsonNode annotations = manifest.path("annotations");
      String name = annotations.path("io.containerd.image.name").asText("");
      if (name.isEmpty()) {
        name = annotations.path("org.opencontainers.image.ref.name").asText("");
      }
      if (!name.contains("/") || !name.contains(":")) {
        throw new ClusterException(
            ("%s: index.json names an image '%s'; give the full reference, such as "
                    + "localhost/lora-operator/trainer:dev, as annotation io.containerd.image.name")
                .formatted(archive, name));
      }
      names.add(name);
    }
    if (names.isEmpty()) {
      throw new ClusterException(archive + ": index.json lists no image");
    }
    return names;
  }

  private static JsonNode index(Path archive) {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(archive)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.getName().equals("index.json") || entry.getName().equals("./index.json")) {
          return JSON.readTree(tar.readAllBytes());
        }
      }
    } catch (IOException unreadable) {
      throw new ClusterException(archive + ": not an OCI image layout archive", unreadable);
    }
    throw new ClusterException(archive + ": no index.json, so not an OCI image layout archive");
  }
}
