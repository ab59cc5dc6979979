package io.loraoperator.e2e.quickstart;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.install.BaseModel;
import io.loraoperator.e2e.install.ObjectStore;
import io.loraoperator.e2e.install.OperatorChart;
import io.loraoperator.e2e.install.ProjectImages;
import io.loraoperator.e2e.install.TenantNamespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Installs everything on a cluster, applies the first example and shows what came of it. */
final class FirstRun {
  static final String NAMESPACE = "quickstart";
  private static final String EXAMPLE = "examples/01-debian-helper";
  private static final String NAME = "debian-helper";

  private final Cluster cluster;
  private final Path checkout;

  FirstRun(Cluster cluster, Path checkout) {
    this.cluster = cluster;
    this.checkout = checkout;
  }

  /**
   * Installs, trains and shows.
   *
   * @return whether the run succeeded
   */
  boolean execute(Duration limit) {
    step("Images of operator, reporter and trainer");
    ProjectImages images = ProjectImages.provide(cluster, checkout);
    step("Operator, by Helm, in namespace " + OperatorChart.NAMESPACE);
    new OperatorChart(cluster, checkout).install(images.chartValues());

    step("Model and data, in the object store");
    ObjectStore store = new ObjectStore(cluster.s3());
    List.of("models", "data", "adapters").forEach(store::ensureBucket);
    Path model = BaseModel.smolLm2(checkout);
    store.upload(model, "models", "smollm2-135m-instruct/" + model.getFileName());
    store.upload(
        checkout.resolve(EXAMPLE + "/data/train.jsonl"), "data", "debian-helper/train.jsonl");

    step("kubectl apply -f " + EXAMPLE + "/finetune.yaml");
    try (KubernetesClient client = cluster.client()) {
      TenantNamespace.apply(client, NAMESPACE);
      TenantNamespace.applyStorageKeys(client, NAMESPACE, cluster.s3());
      LoraFineTune manifest =
          Manifest.read(checkout.resolve(EXAMPLE + "/finetune.yaml"), cluster.s3());
      // A repeated quickstart shows a run, not yesterday's result.
      client.resource(manifest).inNamespace(NAMESPACE).withTimeoutInMillis(120_000).delete();
      client.resource(manifest).inNamespace(NAMESPACE).create();
    }
    LoraFineTune finished = new RunWatch(cluster, NAMESPACE, NAME).untilFinished(limit);
    show(finished, store);
    return Outcome.of(finished).succeeded();
  }

  private void show(LoraFineTune finished, ObjectStore store) {
    Outcome outcome = Outcome.of(finished);
    System.out.printf("%n%s: %s%n", outcome.reason(), outcome.message());
    if (outcome.succeeded()) {
      S3Uri adapter = S3Uri.parse(finished.getStatus().output().adapterUri());
      S3Uri run = adapter.parent();
      System.out.println("\nAnswers before and after");
      Answers.describe(store.readLines(run.bucket(), run.key("samples.jsonl")))
          .forEach(System.out::println);
      System.out.println("Training loss");
      new LossCurve(72, 10)
          .draw(Answers.losses(store.readLines(run.bucket(), run.key("training_log.jsonl"))))
          .forEach(System.out::println);
      System.out.printf("%nAdapter (PEFT layout): %s%n", adapter);
    }
    System.out.printf("%nGo on with:%n  export KUBECONFIG=%s%n", cluster.kubeconfig());
    System.out.printf("  %s -n %s get lorafinetunes -o wide%n", cluster.kubectl(), NAMESPACE);
  }

  private static void step(String line) {
    System.out.println("\n▸ " + line);
  }
}
