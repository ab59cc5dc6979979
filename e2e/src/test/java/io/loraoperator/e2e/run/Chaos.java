package io.loraoperator.e2e.run;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.process.Await;
import io.loraoperator.e2e.install.OperatorChart;
import io.loraoperator.image.ImageName;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Brings a fault about and takes it away again. */
final class Chaos implements AutoCloseable {
  private static final Duration AWAY =
      Duration.ofSeconds(Integer.getInteger("lora.chaos.away", 10));
  private static final Duration NODE_AWAY = AWAY.multipliedBy(2);
  private static final String RIVAL = "rival";

  private final Scenario scenario;
  private final FineTune run;
  private final Cluster cluster;
  private final KubernetesClient client;

  Chaos(Scenario scenario, FineTune run) {
    this.scenario = scenario;
    this.run = run;
    this.cluster = scenario.cluster();
    this.client = scenario.operator().client();
  }

  /**
   * Waits for a step and strikes.
   *
   * @return the step at which the trainer was last seen; that of its last checkpoint where it was
   *     given the time to write one
   */
  int strike(Fault fault, int step) {
    PodProcess trainer = PodProcess.trainer(scenario.namespace());
    int seen = trainer.awaitStep(step);
    switch (fault) {
      case TRAINER_SIGKILL -> {
        trainer.kill();
        return seen;
      }
      case TRAINER_SIGTERM -> trainer.terminate();
      case POD_EVICTED -> client.pods().resource(pod()).evict();
      case POD_PREEMPTED -> preempt();
      case SUSPENDED -> {
        return suspend(() -> {});
      }
      case CHECKPOINT_FLIPPED_BYTE, CHECKPOINT_WITHOUT_FILES, CHECKPOINT_WITHOUT_MANIFEST -> {
        return suspend(() -> spoil(fault));
      }
      case REPORTER_KILLED -> PodProcess.reporter(scenario.namespace()).kill();
      case OPERATOR_KILLED -> killOperator();
      case OPERATOR_KILLED_WITH_TRAINER -> {
        trainer.kill();
        killOperator();
      }
      case OPERATOR_PARTITIONED_WITH_TRAINER -> partitionOperator(trainer);
      case API_SERVER_AWAY -> away(fault.component(), AWAY);
      case S3_AWAY -> awayUntilNoticed(fault.component());
      case S3_FORBIDDEN -> forbid();
      case NODE_LOST -> loseNode(fault.component(), trainer);
    }
    return seen;
  }

  private Pod pod() {
    return run.pods().getFirst();
  }

  /** A Pod of a higher class takes all GPUs, until the run's Pod is gone. */
  private void preempt() {
    client
        .resource(
            new PriorityClassBuilder()
                .withNewMetadata()
                .withName(RIVAL)
                .endMetadata()
                .withValue(1000)
                .build())
        .serverSideApply();
    Map<String, Quantity> all =
        Map.of("nvidia.com/gpu", new Quantity(String.valueOf(cluster.gpus())));
    String victim = pod().getMetadata().getUid();
    client
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withName(RIVAL)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withPriorityClassName(RIVAL)
                .addNewContainer()
                .withName("pause")
                // It only takes room: whether its program does anything does not matter.
                .withImage(scenario.operator().images().reference(ImageName.TRAINER))
                .withNewResources()
                .withRequests(all)
                .withLimits(all)
                .endResources()
                .endContainer()
                .endSpec()
                .build())
        .create();
    Await.until(
        FineTune.PATIENCE,
        () ->
            run.pods().stream().noneMatch(one -> one.getMetadata().getUid().equals(victim))
                || run.get().getStatus().run().attempt() > 1,
        () -> "the run was not preempted\n" + Diagnosis.of(scenario, run.name()));
    removeRival();
  }

  private void removeRival() {
    client.pods().inNamespace("default").withName(RIVAL).withGracePeriod(0).delete();
  }

  private int suspend(Runnable meanwhile) {
    run.patch("{\"spec\": {\"suspend\": true}}");
    run.awaitStatus("Suspended");
    run.awaitNoPods();
    LoraFineTune suspended = run.get();
    meanwhile.run();
    run.patch("{\"spec\": {\"suspend\": false}}");
    return suspended.getStatus().checkpoint().step();
  }

  /** Spoils the newest checkpoint in the store. */
  private void spoil(Fault fault) {
    LoraFineTune object = run.get();
    String folder =
        scenario.prefix(object, 1)
            + "checkpoints/step-%06d/".formatted(object.getStatus().checkpoint().step());
    String moments = folder + "optimizer.safetensors";
    switch (fault) {
      case CHECKPOINT_FLIPPED_BYTE -> {
        byte[] bytes = scenario.store().read(scenario.bucket(), moments);
        bytes[bytes.length / 2] ^= 1;
        scenario.put(moments, bytes);
      }
      case CHECKPOINT_WITHOUT_FILES ->
          List.of(moments, folder + "trainer_state.json")
              .forEach(key -> scenario.store().remove(scenario.bucket(), key));
      default -> scenario.store().remove(scenario.bucket(), folder + "manifest.json");
    }
  }

  private void killOperator() {
    client
        .pods()
        .inNamespace(OperatorChart.NAMESPACE)
        .withLabel("app.kubernetes.io/name", "lora-operator")
        .withGracePeriod(0)
        .delete();
  }

  /** Packets to the API server vanish; the trainer dies where the operator cannot see it. */
  private void partitionOperator(PodProcess trainer) {
    String api =
        client
            .services()
            .inNamespace("default")
            .withName("kubernetes")
            .get()
            .getSpec()
            .getClusterIP();
    PodProcess operator = PodProcess.operator();
    operator.loseRoute(api);
    try {
      trainer.kill();
      pause(AWAY);
    } finally {
      operator.findRoute(api);
    }
  }

  private void away(String component, Duration howLong) {
    cluster.stopComponent(component);
    pause(howLong);
    cluster.startComponent(component);
  }

  /** Long enough for the status to say so. */
  private void awayUntilNoticed(String component) {
    cluster.stopComponent(component);
    try {
      run.await(
          "word of the store",
          object -> FineTune.condition(object, "Checkpointed").getReason().equals("UploadFailing"));
      pause(AWAY);
    } finally {
      cluster.startComponent(component);
    }
  }

  /** The keys in the Secret are replaced by wrong ones, as an expired token is not renewed. */
  private void forbid() {
    scenario.putWrongKeys();
    // The kubelet brings the Secret's files up to date when it looks at the Pod.
    Pod pod = pod();
    client
        .pods()
        .resource(pod)
        .edit(one ->
            new PodBuilder(one)
                .editMetadata()
                .addToAnnotations("looked-at", "again")
                .endMetadata()
                .build());
    LoraFineTune failed = run.awaitStatus("StorageAccessDenied");
    String message = FineTune.message(failed);
    if (!message.contains("bucket " + scenario.bucket())
        || !message.contains("checkpoints/step-")) {
      throw new AssertionError("the message does not name bucket and key: " + message);
    }
    scenario.putRightKeys();
    run.restart("with the right keys");
  }

  /** The kubelet dies with the trainer, as if the power was cut; later the node is back. */
  private void loseNode(String kubelet, PodProcess trainer) {
    cluster.stopComponent(kubelet);
    trainer.kill();
    pause(NODE_AWAY);
    cluster.startComponent(kubelet);
  }

  /** Time is what this is about: nothing else tells that it has been long enough. */
  private static void pause(Duration howLong) {
    long deadline = System.nanoTime() + howLong.toNanos();
    Await.within(howLong, () -> System.nanoTime() >= deadline);
  }

  @Override
  public void close() {
    for (String component : cluster.components()) {
      if (!cluster.isRunning(component)) {
        cluster.startComponent(component);
      }
    }
    removeRival();
  }
}
