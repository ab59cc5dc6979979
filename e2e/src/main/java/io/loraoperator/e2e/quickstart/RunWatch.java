package io.loraoperator.e2e.quickstart;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Shows what {@code kubectl get lorafinetunes --watch} shows, until the run has an outcome. */
final class RunWatch {
  private final Cluster cluster;
  private final String namespace;
  private final String name;

  RunWatch(Cluster cluster, String namespace, String name) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.name = name;
  }

  /**
   * Waits for the object's {@code Succeeded} condition while kubectl prints each change.
   *
   * @return the finished object
   * @throws ClusterException if there is no outcome in time
   */
  LoraFineTune untilFinished(Duration limit) {
    Process kubectl = startKubectl();
    try (KubernetesClient client = cluster.client()) {
      LoraFineTune finished =
          client
              .resources(LoraFineTune.class)
              .inNamespace(namespace)
              .withName(name)
              .waitUntilCondition(RunWatch::hasOutcome, limit.toSeconds(), TimeUnit.SECONDS);
      return Objects.requireNonNull(finished);
    } finally {
      stop(kubectl);
    }
  }

  static boolean hasOutcome(LoraFineTune run) {
    return run != null && !"Unknown".equals(Outcome.of(run).status());
  }

  private Process startKubectl() {
    List<String> command =
        List.of(
            cluster.kubectl().toString(),
            "--kubeconfig=" + cluster.kubeconfig(),
            "--namespace=" + namespace,
            "get",
            "lorafinetunes",
            name,
            "--watch");
    System.out.println(
        "$ kubectl --namespace " + namespace + " get lorafinetunes " + name + " --watch");
    try {
      return new ProcessBuilder(command).inheritIO().start();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot run kubectl", e);
    }
  }

  /** Gives kubectl a moment to print the last change, then ends it. */
  private static void stop(Process kubectl) {
    try {
      if (!kubectl.waitFor(1, TimeUnit.SECONDS)) {
        kubectl.destroy();
        kubectl.waitFor();
      }
    } catch (InterruptedException e) {
      kubectl.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
