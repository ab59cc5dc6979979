package io.loraoperator.operator.desired;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.loraoperator.api.spec.LoraFineTuneSpec;
import io.loraoperator.api.spec.Resources;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.PodPaths;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The container that trains: it has the keys to the storage and no token for the API server. */
public final class TrainerContainer {

  /** Its name in the Pod. */
  public static final String NAME = "trainer";

  private TrainerContainer() {}

  static Container of(AttemptOrder order, PodSettings settings, PodVolumes volumes) {
    return new ContainerBuilder()
        .withName(NAME)
        .withImage(settings.trainerImage())
        .withImagePullPolicy(settings.imagePullPolicy())
        .withArgs("train", "--run-directory", PodPaths.RUN_DIRECTORY)
        .withTerminationMessagePath(PodPaths.TERMINATION_MESSAGE)
        .withTerminationMessagePolicy("File")
        .withEnv(environment(order.accepted().spec()))
        .withResources(resources(order.owner().getSpec()))
        .withSecurityContext(Restrictions.container())
        .withVolumeMounts(volumes.trainerMounts())
        .build();
  }

  /** PyTorch has no other way to be told by than its environment. */
  private static List<EnvVar> environment(FineTuneSpec spec) {
    return spec.training().tf32()
        ? List.of(new EnvVar(FineTuneSpec.Training.TF32_VARIABLE, "1", null))
        : List.of();
  }

  /**
   * Requests equal limits, so that what a run takes does not depend on its neighbours; but CPU has
   * no limit, because threads that wait for each other lose far more than the share that a quota
   * takes away.
   */
  private static ResourceRequirements resources(LoraFineTuneSpec spec) {
    Map<String, Quantity> amounts = new LinkedHashMap<>();
    Resources resources = spec.resources();
    if (resources != null && resources.memory() != null) {
      amounts.put("memory", resources.memory());
    }
    if (resources != null && resources.ephemeralStorage() != null) {
      amounts.put("ephemeral-storage", resources.ephemeralStorage());
    }
    int gpus = SpecValues.gpus(spec);
    if (gpus > 0) {
      amounts.put(SpecValues.gpuResource(spec), new Quantity(Integer.toString(gpus)));
    }
    ResourceRequirementsBuilder requirements =
        new ResourceRequirementsBuilder().withRequests(amounts).withLimits(amounts);
    if (resources != null && resources.cpu() != null) {
      requirements.addToRequests("cpu", resources.cpu());
    }
    return requirements.build();
  }
}
