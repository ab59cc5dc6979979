package io.loraoperator.e2e.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A manifest as a user writes it; a change gives another manifest. */
final class Manifest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode tree;

  private Manifest(ObjectNode tree) {
    this.tree = tree;
  }

  /** Reads YAML in which placeholders of the form <code>{{name}}</code> were replaced before. */
  static Manifest parse(String yaml) {
    return new Manifest(Serialization.unmarshal(yaml, ObjectNode.class));
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  String name() {
    return tree.at("/metadata/name").asText();
  }

  Manifest named(String name) {
    return with("metadata.name", name);
  }

  /**
   * Sets one field.
   *
   * @param path dotted, such as {@code spec.training.maxSteps}; parents are made
   * @param value a text, a number, a list or a map
   */
  Manifest with(String path, Object value) {
    ObjectNode copy = tree.deepCopy();
    parent(copy, path).set(last(path), JSON.<JsonNode>valueToTree(value));
    return new Manifest(copy);
  }

  /** Removes one field and what lies below it. */
  Manifest without(String path) {
    ObjectNode copy = tree.deepCopy();
    parent(copy, path).remove(last(path));
    return new Manifest(copy);
  }

  String text(String path) {
    return tree.at("/" + path.replace('.', '/')).asText();
  }

  /** JSON, which is YAML too. */
  String toText() {
    return tree.toPrettyString();
  }

  private static ObjectNode parent(ObjectNode root, String path) {
    ObjectNode node = root;
    String[] names = path.split("\\.", -1);
    for (int i = 0; i < names.length - 1; i++) {
      node = node.withObjectProperty(names[i]);
    }
    return node;
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }
}
