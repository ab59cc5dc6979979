package io.loraoperator.e2e.run;

import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.RestrictedNamespace;
import io.loraoperator.e2e.cluster.process.Command;
import io.loraoperator.e2e.install.ObjectStore;
import io.loraoperator.e2e.install.TenantNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A tenant of one test: a namespace with restricted Pod Security, a bucket of the same name with
 * data in it, and a Secret with the keys to the object store.
 */
final class Scenario implements AutoCloseable {
  private static final String TINY = "src/test/resources/run/tiny.yaml";
  private static final Path DATA =
      OperatorExtension.CHECKOUT.resolve("examples/01-debian-helper/data/train.jsonl");

  /** Enough for a few steps, and read in no time. */
  private static final int ROWS = 64;

  private final InstalledOperator operator;
  private final RestrictedNamespace namespace;

  private Scenario(InstalledOperator operator, RestrictedNamespace namespace) {
    this.operator = operator;
    this.namespace = namespace;
  }

  static Scenario create(InstalledOperator operator) {
    Scenario scenario = new Scenario(operator, RestrictedNamespace.create(operator.client()));
    scenario.putRightKeys();
    scenario.store().ensureBucket(scenario.bucket());
    scenario.putData(String.join("\n", dataRows()) + "\n");
    return scenario;
  }

  /** Rows with {@code prompt} and {@code completion}, as JSON. */
  static List<String> dataRows() {
    return Manifest.read(DATA).lines().limit(ROWS).toList();
  }

  Cluster cluster() {
    return operator.cluster();
  }

  InstalledOperator operator() {
    return operator;
  }

  ObjectStore store() {
    return operator.store();
  }

  String namespace() {
    return namespace.name();
  }

  String bucket() {
    return namespace.name();
  }

  /** Replaces {@code s3://<bucket>/train.jsonl}. */
  void putData(String lines) {
    put("train.jsonl", lines);
  }

  /** Puts a text into the scenario's bucket. */
  void put(String key, String text) {
    withFile(text, file -> store().upload(file, bucket(), key));
  }

  /** Replaces an object of the scenario's bucket by bytes. */
  void put(String key, byte[] bytes) {
    withFile(bytes, file -> store().upload(file, bucket(), key));
  }

  void putRightKeys() {
    TenantNamespace.applyStorageKeys(operator.client(), namespace(), cluster().s3());
  }

  void putWrongKeys() {
    TenantNamespace.applyStorageKeys(
        operator.client(),
        namespace(),
        TenantNamespace.STORAGE_SECRET,
        cluster().s3().accessKey(),
        "not-the-secret-key");
  }

  /** The manifest of a run of seconds on the tiny model. */
  Manifest tiny() {
    return Manifest.parse(
        Manifest.read(Path.of(TINY))
            .replace("{{endpoint}}", cluster().s3().clusterUrl())
            .replace("{{bucket}}", bucket()));
  }

  /** {@code kubectl apply}, as the user does it. */
  FineTune apply(Manifest manifest) {
    withFile(manifest.toText(), file -> kubectl("apply", "--filename=" + file));
    return new FineTune(this, manifest.name());
  }

  /**
   * Runs {@code kubectl} in the namespace.
   *
   * @throws io.loraoperator.e2e.cluster.ClusterException with what it says if it fails
   */
  String kubectl(String... arguments) {
    return Command.run(kubectlCommand(arguments));
  }

  Command.Result tryKubectl(String... arguments) {
    return Command.attempt(kubectlCommand(arguments));
  }

  private List<String> kubectlCommand(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(cluster().kubectl().toString());
    command.add("--kubeconfig=" + cluster().kubeconfig());
    if (List.of(arguments).stream().noneMatch(one -> one.startsWith("--namespace="))) {
      command.add("--namespace=" + namespace());
    }
    command.addAll(List.of(arguments));
    return command;
  }

  /** What lies below a run's prefix, relative to it. */
  List<String> artifacts(LoraFineTune object, int run) {
    String prefix = prefix(object, run);
    return store().list(bucket(), prefix).stream()
        .map(key -> key.substring(prefix.length()))
        .toList();
  }

  String artifact(LoraFineTune object, int run, String file) {
    return new String(store().read(bucket(), prefix(object, run) + file), StandardCharsets.UTF_8);
  }

  /** Key of the artifacts of a run in the scenario's bucket. */
  String prefix(LoraFineTune object, int run) {
    return "adapters/%s/%s/%d-%s/"
        .formatted(
            namespace(),
            object.getMetadata().getName(),
            run,
            object.getMetadata().getUid().substring(0, 8));
  }

  private static void withFile(String text, Consumer<Path> use) {
    withFile(text.getBytes(StandardCharsets.UTF_8), use);
  }

  private static void withFile(byte[] bytes, Consumer<Path> use) {
    try {
      Path file = Files.createTempFile("scenario", ".txt");
      try {
        Files.write(file, bytes);
        use.accept(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a file to upload", e);
    }
  }

  @Override
  public void close() {
    namespace.close();
  }
}
