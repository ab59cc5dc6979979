package io.loraoperator.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * An image's documents: configuration and manifest (OCI image specification 1.1), both with fixed
 * times and field order, so that equal content has equal digests.
 */
public final class OciImage {
  static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Layer> layers;
  private final byte[] config;
  private final byte[] manifest;

  OciImage(List<Layer> layers, ImageConfiguration configuration) {
    this.layers = List.copyOf(layers);
    this.config = bytes(config(layers, configuration));
    this.manifest = bytes(manifest(layers, config));
  }

  /** The layers, lowest first. */
  public List<Layer> layers() {
    return layers;
  }

  byte[] config() {
    return config;
  }

  byte[] manifest() {
    return manifest;
  }

  String configDigest() {
    return "sha256:" + Digests.sha256Hex(config);
  }

  /** What identifies the image everywhere, {@code sha256:…}. */
  public String digest() {
    return "sha256:" + Digests.sha256Hex(manifest);
  }

  private static ObjectNode config(List<Layer> layers, ImageConfiguration c) {
    ObjectNode config = NODES.objectNode();
    config.put("created", LayerWriter.TIMESTAMP.toString());
    config.put("architecture", "amd64");
    config.put("os", "linux");
    ObjectNode run = config.putObject("config");
    run.put("User", RootFileSystem.USER + ":" + RootFileSystem.USER);
    ArrayNode environment = run.putArray("Env");
    c.environment().forEach((name, value) -> environment.add(name + "=" + value));
    ArrayNode entrypoint = run.putArray("Entrypoint");
    c.entrypoint().forEach(entrypoint::add);
    run.put("WorkingDir", "/tmp");
    ObjectNode labels = run.putObject("Labels");
    c.labels().forEach(labels::put);
    ObjectNode rootfs = config.putObject("rootfs");
    rootfs.put("type", "layers");
    ArrayNode diffIds = rootfs.putArray("diff_ids");
    ArrayNode history = config.putArray("history");
    for (Layer layer : layers) {
      diffIds.add(layer.diffId());
      history
          .addObject()
          .put("created", LayerWriter.TIMESTAMP.toString())
          .put("created_by", "lora-operator image builder: " + layer.name());
    }
    return config;
  }

  private static ObjectNode manifest(List<Layer> layers, byte[] config) {
    ObjectNode manifest = NODES.objectNode();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MANIFEST_TYPE);
    manifest.set(
        "config", descriptor(CONFIG_TYPE, "sha256:" + Digests.sha256Hex(config), config.length));
    ArrayNode list = manifest.putArray("layers");
    layers.forEach(l -> list.add(descriptor(Layer.MEDIA_TYPE, l.digest(), l.size())));
    return manifest;
  }

  static ObjectNode descriptor(String mediaType, String digest, long size) {
    return NODES.objectNode().put("mediaType", mediaType).put("digest", digest).put("size", size);
  }

  static byte[] bytes(ObjectNode node) {
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }
}
