package io.loraoperator.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A finished image.
 *
 * @param name which of the images it is
 * @param reference its full name, such as {@code localhost/lora-operator/trainer:0.1.0}
 * @param image its documents and layers
 */
public record BuiltImage(ImageName name, String reference, OciImage image) {

  /** What identifies the image's content, {@code sha256:…}. */
  public String digest() {
    return image.digest();
  }

  /** The layers, lowest first. */
  public List<Layer> layers() {
    return image.layers();
  }

  /** Sum of the compressed layers in bytes: what a node downloads. */
  public long compressedSize() {
    return layers().stream().mapToLong(Layer::size).sum();
  }

  /** Sum of the layers' tars in bytes: about what a node stores. */
  public long uncompressedSize() {
    return layers().stream().mapToLong(Layer::uncompressedSize).sum();
  }

  /**
   * Uploads the image to the registry that its reference names.
   *
   * @throws ImageBuildException if the registry refuses it
   */
  public void push() throws IOException, InterruptedException {
    RegistryClient.forReference(reference).push(this);
  }

  /** Writes {@code <name>.tar}, an OCI layout, and {@code <name>.cdx.json}; returns the tar. */
  public Path writeTo(Path folder) throws IOException {
    Path tar = folder.resolve(name.lowerCase() + ".tar");
    OciLayout.write(image, reference, tar);
    BillOfMaterials.write(this, folder.resolve(name.lowerCase() + ".cdx.json"));
    return tar;
  }
}
