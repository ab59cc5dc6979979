package io.loraoperator.e2e.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;

/**
 * Advertises GPUs on a node that has none.
 *
 * <p>An extended resource of a node is whatever its status says; scheduler and quotas count it, and
 * no device plug-in has to hand devices out. The kubelet keeps it until it is started again.
 */
public final class FakeGpus {
  public static final String RESOURCE = "nvidia.com/gpu";

  private FakeGpus() {}

  public static void advertise(KubernetesClient client, String node, int count) {
    String capacity = "{\"%s\": \"%d\"}".formatted(RESOURCE, count);
    // A merge, since the kubelet writes the same status and would be in the way of an edit.
    client
        .nodes()
        .withName(node)
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"status\": {\"capacity\": %s, \"allocatable\": %s}}".formatted(capacity, capacity));
  }
}
