package io.loraoperator.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/** An image's bill of materials: CycloneDX 1.6 in JSON, equal bytes for equal images. */
final class BillOfMaterials {
  private static final ObjectMapper JSON = new ObjectMapper();

  private BillOfMaterials() {}

  static void write(BuiltImage image, Path file) throws IOException {
    byte[] json = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(document(image));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, json);
  }

  static ObjectNode document(BuiltImage image) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("bomFormat", "CycloneDX");
    document.put("specVersion", "1.6");
    byte[] digest = image.digest().getBytes(StandardCharsets.UTF_8);
    document.put("serialNumber", "urn:uuid:" + UUID.nameUUIDFromBytes(digest));
    document.put("version", 1);
    ObjectNode metadata = document.putObject("metadata");
    metadata.put("timestamp", LayerWriter.TIMESTAMP.toString());
    metadata
        .putObject("component")
        .put("type", "container")
        .put("bom-ref", image.reference())
        .put("name", image.reference())
        .put("version", image.digest());
    ArrayNode list = document.putArray("components");
    List<Component> components =
        image.layers().stream()
            .flatMap(layer -> layer.components().stream())
            .distinct()
            .sorted(Comparator.comparing(Component::packageUrl))
            .toList();
    for (Component component : components) {
      list.add(node(component));
    }
    return document;
  }

  private static ObjectNode node(Component component) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("type", component.name().equals("openjdk") ? "platform" : "library");
    node.put("bom-ref", component.packageUrl());
    if (component.group() != null) {
      node.put("group", component.group());
    }
    node.put("name", component.name());
    node.put("version", component.version());
    if (component.sha256() != null) {
      node.putArray("hashes").addObject().put("alg", "SHA-256").put("content", component.sha256());
    }
    node.put("purl", component.packageUrl());
    return node;
  }
}
