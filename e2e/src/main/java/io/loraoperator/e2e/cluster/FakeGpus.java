package io.loraoperator.e2e.cluster;

import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;

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
    Quantity quantity = new Quantity(Integer.toString(count));
    client
        .nodes()
        .withName(node)
        .editStatus(found -> {
          found.setStatus(
              new NodeStatusBuilder(found.getStatus())
                  .addToCapacity(RESOURCE, quantity)
                  .addToAllocatable(RESOURCE, quantity)
                  .build());
          return found;
        });
  }
}
