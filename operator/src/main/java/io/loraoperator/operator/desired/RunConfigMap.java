package io.loraoperator.operator.desired;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.loraoperator.contract.PodPaths;

/**
 * The documents that the trainer works by: what the run is, and how it is carried out this time.
 */
public final class RunConfigMap {

  private RunConfigMap() {}

  /** Renders it; nobody changes it afterwards. */
  public static ConfigMap of(AttemptOrder order) {
    return new ConfigMapBuilder()
        .withMetadata(order.metadata(order.key().jobName()))
        .withImmutable(true)
        .addToData(PodPaths.RUN_FILE, order.runDocument().toJson())
        .addToData(PodPaths.ATTEMPT_FILE, order.attemptDocument().toJson())
        .build();
  }
}
