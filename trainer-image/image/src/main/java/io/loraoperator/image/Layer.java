package io.loraoperator.image;

import java.nio.file.Path;
import java.util.List;

/**
 * A finished layer: a compressed tar on this machine.
 *
 * @param name what it holds, for people
 * @param file the compressed tar
 * @param digest SHA-256 of the compressed tar, {@code sha256:…}
 * @param diffId SHA-256 of the tar before compression, {@code sha256:…}
 * @param size compressed length in bytes
 * @param uncompressedSize length of the tar in bytes
 * @param components what it was made from
 */
public record Layer(
    String name,
    Path file,
    String digest,
    String diffId,
    long size,
    long uncompressedSize,
    List<Component> components) {

  /**
   * Zstandard layers are part of the OCI image specification since 1.1; containerd reads them since
   * 1.5.
   */
  public static final String MEDIA_TYPE = "application/vnd.oci.image.layer.v1.tar+zstd";

  public Layer {
    components = List.copyOf(components);
  }
}
