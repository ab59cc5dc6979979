package io.loraoperator.e2e.cluster.k3s;

import io.loraoperator.e2e.cluster.Ability;
import io.loraoperator.e2e.cluster.CacheDirectory;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.ClusterProvider;
import io.loraoperator.e2e.cluster.ClusterSpec;
import io.loraoperator.e2e.cluster.Progress;
import io.loraoperator.e2e.cluster.ProviderKind;
import io.loraoperator.e2e.cluster.S3Service;
import io.loraoperator.e2e.cluster.binaries.ClientPrograms;
import io.loraoperator.e2e.cluster.binaries.GoBinaries;
import io.loraoperator.e2e.cluster.process.ExclusiveLock;
import io.loraoperator.e2e.cluster.process.Trees;
import io.loraoperator.e2e.cluster.process.UndoOnExit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Runs K3s and MinIO in containers that stay until the cluster is taken down. */
public final class K3sClusterProvider implements ClusterProvider {
  /** Names a compatible substitute for {@code rancher/k3s}. */
  public static final String K3S_VARIABLE = "LORA_OPERATOR_K3S_IMAGE";

  /** Names a compatible substitute for {@code minio/minio}. */
  public static final String MINIO_VARIABLE = "LORA_OPERATOR_MINIO_IMAGE";

  private static final String LABEL = "io.loraoperator.cluster";
  private final CacheDirectory cache;
  private final ContainerImages images;
  private final ClientPrograms programs;
  private final Progress progress;
  private final Clock clock;

  public K3sClusterProvider(
      CacheDirectory cache, Map<String, String> environment, Progress progress, Clock clock) {
    this.cache = cache;
    this.images = ContainerImages.of(environment);
    this.programs = new ClientPrograms(new GoBinaries(cache.binaries(), progress), environment);
    this.progress = progress;
    this.clock = clock;
  }

  @Override
  public ProviderKind kind() {
    return ProviderKind.K3S;
  }

  @Override
  public Set<Ability> abilities() {
    // Only root may look into other processes, and an engine may run in a virtual machine.
    boolean root = "root".equals(System.getProperty("user.name"));
    return root && DockerEngine.find().filter(DockerEngine::sharesKernel).isPresent()
        ? EnumSet.of(Ability.PROCESSES, Ability.CONTAINERS)
        : EnumSet.of(Ability.CONTAINERS);
  }

  /** What keeps this machine from running such a cluster, if anything: an engine, or an image. */
  public Optional<String> lacking() {
    Optional<DockerEngine> engine = DockerEngine.find();
    if (engine.isEmpty()) {
      return Optional.of("no Docker engine answers (at DOCKER_HOST or its usual sockets)");
    }
    return List.of(images.k3s(), images.minio()).stream()
        .flatMap(image ->
            engine.get().pull(image, progress).stream()
                .map(why -> "no image %s (%s)".formatted(image.asCanonicalNameString(), why)))
        .findFirst();
  }

  @Override
  public Cluster up(ClusterSpec spec) {
    lacking()
        .ifPresent(what -> {
          throw new ClusterException("K3s cannot run here: " + what);
        });
    long start = clock.millis();
    try (var _ = lock()) {
      Optional<K3sCluster> running = attach(spec.name());
      K3sCluster cluster =
          running.isPresent() ? withGpus(running.get(), spec.gpus()) : create(spec);
      progress.step(
          "%s is %s after %.1f s"
              .formatted(
                  spec.name(),
                  running.isPresent() ? "running already" : "ready",
                  (clock.millis() - start) / 1000.0));
      return cluster;
    }
  }

  @Override
  public Optional<Cluster> find(String name) {
    return attach(name).map(cluster -> cluster);
  }

  @Override
  public void down(String name, boolean keepLogs) {
    Path folder = K3sState.folder(cache, name);
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (var _ = lock()) {
      Map<String, String> logs = keepLogs ? engine().logs(label(folder)) : Map.of();
      remove(engine(), folder);
      writeLogs(logs, folder.resolve("logs"));
    }
  }

  private K3sCluster create(ClusterSpec spec) {
    DockerEngine engine = engine();
    Path folder = K3sState.folder(cache, spec.name());
    remove(engine, folder);
    try (var _ = new UndoOnExit("containers", () -> remove(engine, folder))) {
      Files.createDirectories(folder);
      progress.step("starting " + images.k3s() + " and " + images.minio());
      String secretKey = S3Service.newSecretKey();
      StartedContainers started = StartedContainers.start(images, label(folder), secretKey, engine);
      writeSecret(K3sState.kubeconfig(folder), started.kubeconfig());
      new K3sState(spec.name(), spec.gpus(), started.node(), started.s3Url(), secretKey)
          .write(folder);
      K3sCluster cluster = attach(spec.name()).orElseThrow();
      cluster.prepare(started.minioAddress());
      return cluster;
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write to " + folder, failure);
    } catch (RuntimeException failure) {
      Map<String, String> logs = engine.logs(label(folder));
      remove(engine, folder);
      writeLogs(logs, folder.resolve("logs"));
      throw new ClusterException(
          "K3s did not get ready: %s. Its containers' logs are in %s."
              .formatted(failure.getMessage(), folder.resolve("logs")),
          failure);
    }
  }

  private static K3sCluster withGpus(K3sCluster cluster, int gpus) {
    K3sState state = cluster.state().withGpus(gpus);
    state.write(cluster.folder());
    K3sCluster changed =
        new K3sCluster(
            state, cluster.folder(), cluster.engine(), cluster.node(), cluster.programs());
    changed.advertiseGpus();
    return changed;
  }

  private Optional<K3sCluster> attach(String name) {
    Path folder = K3sState.folder(cache, name);
    Optional<K3sState> state = K3sState.read(folder);
    if (state.isEmpty()) {
      return Optional.empty();
    }
    return DockerEngine.find()
        .flatMap(engine ->
            engine
                .running(state.get().node())
                .map(node -> new K3sCluster(state.get(), folder, engine, node, programs)));
  }

  private void remove(DockerEngine engine, Path folder) {
    engine.remove(label(folder));
    if (Files.isDirectory(folder)) {
      Trees.delete(folder);
    }
  }

  private static DockerEngine engine() {
    return DockerEngine.find()
        .orElseThrow(() -> new ClusterException("No Docker engine answers; start it first."));
  }

  private ExclusiveLock lock() {
    return ExclusiveLock.acquire(
        cache.path().resolve("k3s.lock"),
        () -> progress.step("waiting for another cluster command"));
  }

  private static Map<String, String> label(Path folder) {
    return Map.of(LABEL, folder.toString());
  }

  private static void writeLogs(Map<String, String> logs, Path folder) {
    try {
      for (Map.Entry<String, String> log : logs.entrySet()) {
        String image = log.getKey().replaceAll("[^a-z0-9]+", "-");
        Files.writeString(Files.createDirectories(folder).resolve(image + ".log"), log.getValue());
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write to " + folder, failure);
    }
  }

  private static void writeSecret(Path file, String text) throws IOException {
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    Files.createFile(file, ownerOnly);
    Files.writeString(file, text);
  }
}
