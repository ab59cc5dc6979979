package io.loraoperator.operator.dependent;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;

/** Leaves out of the caches what nobody reads: with 10,000 objects it is most of the memory. */
final class Pruning {

  private Pruning() {}

  static <R extends HasMetadata> R managedFields(R resource) {
    resource.getMetadata().setManagedFields(null);
    return resource;
  }

  /** Its template came from the operator itself. */
  static Job job(Job job) {
    if (job.getSpec() != null) {
      job.getSpec().setTemplate(null);
      job.getSpec().setPodFailurePolicy(null);
    }
    return managedFields(job);
  }

  static Pod pod(Pod pod) {
    pod.setSpec(null);
    return managedFields(pod);
  }
}
