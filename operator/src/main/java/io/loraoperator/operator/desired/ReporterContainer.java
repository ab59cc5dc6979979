package io.loraoperator.operator.desired;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/**
 * The sidecar that reports: it has a token for the API server and no keys to the storage. As an
 * init container that is always restarted it starts before the trainer and is stopped after it.
 */
public final class ReporterContainer {

  /** Its name in the Pod. */
  public static final String NAME = "reporter";

  /** Where it serves metrics and health. */
  private static final int PORT = 9464;

  /** What it takes of a core: it wakes up every few seconds. */
  private static final Quantity CPU_REQUEST = new Quantity("10m");

  private ReporterContainer() {}

  static Container of(AttemptOrder order, PodSettings settings, PodVolumes volumes) {
    Quantity memory = new Quantity(settings.reporterMemory());
    return new ContainerBuilder()
        .withName(NAME)
        .withImage(settings.reporterImage())
        .withImagePullPolicy(settings.imagePullPolicy())
        .withRestartPolicy("Always")
        .withEnv(
            List.of(
                variable("LORA_NAMESPACE", order.key().namespace()),
                variable("LORA_NAME", order.key().name()),
                variable("LORA_UID", order.owner().getMetadata().getUid()),
                variable("LORA_RUN", Integer.toString(order.key().run())),
                variable("LORA_ATTEMPT", Integer.toString(order.key().attempt()))))
        .addNewPort()
        .withName("metrics")
        .withContainerPort(PORT)
        .withProtocol("TCP")
        .endPort()
        .withNewResources()
        .addToRequests("cpu", CPU_REQUEST)
        .addToRequests("memory", memory)
        .addToLimits("memory", memory)
        .endResources()
        .withSecurityContext(Restrictions.container())
        .withVolumeMounts(volumes.reporterMounts())
        .build();
  }

  private static EnvVar variable(String name, String value) {
    return new EnvVar(name, value, null);
  }
}
