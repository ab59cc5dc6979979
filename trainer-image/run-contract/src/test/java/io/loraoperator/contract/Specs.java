package io.loraoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Specifications for tests. */
final class Specs {

  static final String MINIMAL =
      """
      {"baseModel": {"source": {"s3": {"uri": "s3://models/tiny/"}}},
       "dataset": {"train": {"source": {"s3": {"uri": "s3://data/train.jsonl"}}},
                   "prompt": {"promptCompletion": {"promptField": "prompt", "completionField": "completion"}}},
       "training": {"epochs": "3"},
       "output": {"destination": {"s3": {"uri": "s3://adapters/team-a/"}}}}
      """;

  private Specs() {}

  static ObjectNode minimal() {
    return (ObjectNode) json(MINIMAL);
  }

  /** The minimal specification with one value set; null removes the field. */
  static ObjectNode with(String path, String value) {
    ObjectNode spec = minimal();
    if (value.equals("null")) {
      int dot = path.lastIndexOf('.');
      ((ObjectNode) SpecTree.at(spec, path.substring(0, dot))).remove(path.substring(dot + 1));
    } else {
      SpecTree.set(spec, path, json(value));
    }
    return spec;
  }

  static JsonNode json(String text) {
    try {
      return ContractJson.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
