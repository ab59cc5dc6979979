package io.loraoperator.image;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.image.TreeEntry.Content;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes an image as an OCI image layout in a tar, which {@code ctr images import}, {@code skopeo},
 * {@code podman load} and {@code docker load} (with the containerd image store) read.
 */
final class OciLayout {
  private static final String INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

  private OciLayout() {}

  /**
   * Writes the tar, replacing a file of that name at once.
   *
   * @param reference the image's full name, such as {@code registry/team/trainer:1}
   */
  static void write(OciImage image, String reference, Path file) throws IOException {
    FileTree tree = new FileTree();
    tree.text("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    tree.file("index.json", Content.of(OciImage.bytes(index(image, reference))));
    tree.file(blob(image.configDigest()), Content.of(image.config()));
    tree.file(blob(image.digest()), Content.of(image.manifest()));
    for (Layer layer : image.layers()) {
      tree.file(blob(layer.digest()), Content.of(layer.file()));
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    Path staging = Files.createTempFile(file.toAbsolutePath().getParent(), "image", ".partial");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(staging), 1 << 16)) {
        LayerWriter.writeTar(tree, out);
      }
      Files.move(staging, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(staging);
    }
  }

  private static ObjectNode index(OciImage image, String reference) {
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", INDEX_TYPE);
    ObjectNode descriptor =
        OciImage.descriptor(OciImage.MANIFEST_TYPE, image.digest(), image.manifest().length);
    descriptor.putObject("platform").put("architecture", "amd64").put("os", "linux");
    // containerd names the image by the first annotation; others read the second.
    descriptor
        .putObject("annotations")
        .put("io.containerd.image.name", reference)
        .put("org.opencontainers.image.ref.name", reference);
    index.putArray("manifests").add(descriptor);
    return index;
  }

  private static String blob(String digest) {
    return "blobs/" + digest.replace(':', '/');
  }
}
