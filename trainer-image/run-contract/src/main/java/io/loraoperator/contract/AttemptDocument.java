package io.loraoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * How a run is carried out this time: {@code attempt.json}, beside the run document.
 *
 * @param run number of the run, from 1
 * @param attempt number of the attempt within the run, from 1
 * @param totalAttempts how many attempts the run may take
 * @param namespace of the {@code LoraFineTune}
 * @param name of the {@code LoraFineTune}
 * @param uid of the {@code LoraFineTune}
 * @param spec the {@link FieldKind#ATTEMPT} fields of the specification
 */
public record AttemptDocument(
    int run,
    int attempt,
    int totalAttempts,
    String namespace,
    String name,
    String uid,
    ObjectNode spec) {

  /** Takes the attempt's fields out of a whole specification. */
  public static AttemptDocument of(
      JsonNode spec,
      int run,
      int attempt,
      int totalAttempts,
      String namespace,
      String name,
      String uid) {
    return new AttemptDocument(
        run,
        attempt,
        totalAttempts,
        namespace,
        name,
        uid,
        RunDocument.canonical(spec, FieldKind.ATTEMPT));
  }

  /**
   * Reads a document.
   *
   * @throws InvalidSpecException if it is not one
   */
  public static AttemptDocument parse(String json) {
    try {
      return ContractJson.read(json, AttemptDocument.class);
    } catch (IOException e) {
      throw new InvalidSpecException(
          PodPaths.ATTEMPT_FILE, "is not an attempt document", "let the operator write it");
    }
  }

  /** The canonical text. */
  public String toJson() {
    return ContractJson.write(this);
  }

  /** The folder of the run's results below its destination: {@code team-a/helper/1-0a1b2c3d/}. */
  public String artifactPrefix() {
    String shortUid = uid.substring(0, Math.min(8, uid.length()));
    return "%s/%s/%d-%s/".formatted(namespace, name, run, shortUid);
  }
}
