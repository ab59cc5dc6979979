package io.loraoperator.e2e.cluster.local;

import io.loraoperator.e2e.cluster.Ability;
import io.loraoperator.e2e.cluster.CacheDirectory;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.ClusterProvider;
import io.loraoperator.e2e.cluster.ClusterSpec;
import io.loraoperator.e2e.cluster.Progress;
import io.loraoperator.e2e.cluster.ProviderKind;
import io.loraoperator.e2e.cluster.S3Service;
import io.loraoperator.e2e.cluster.binaries.GoBinaries;
import io.loraoperator.e2e.cluster.binaries.GoModule;
import io.loraoperator.e2e.cluster.binaries.Prerequisites;
import io.loraoperator.e2e.cluster.process.Await;
import io.loraoperator.e2e.cluster.process.ExclusiveLock;
import io.loraoperator.e2e.cluster.process.Trees;
import io.loraoperator.e2e.cluster.process.UndoOnExit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Brings up real Kubernetes on this machine from programs built of their Go modules. */
public final class LocalClusterProvider implements ClusterProvider {
  /** What a node runs; other programs are built when they are asked for. */
  private static final List<GoModule> NODE_MODULES =
      List.of(
          GoModule.PAUSE,
          GoModule.ETCD,
          GoModule.CONTAINERD,
          GoModule.KUBERNETES,
          GoModule.COREDNS,
          GoModule.MINIO);

  private static final Duration END_LIMIT = Duration.ofSeconds(30);

  private final CacheDirectory cache;
  private final GoBinaries binaries;
  private final Prerequisites prerequisites;
  private final Progress progress;
  private final Clock clock;

  public LocalClusterProvider(
      CacheDirectory cache, Prerequisites prerequisites, Progress progress, Clock clock) {
    this.cache = cache;
    this.binaries = new GoBinaries(cache.binaries(), progress);
    this.prerequisites = prerequisites;
    this.progress = progress;
    this.clock = clock;
  }

  @Override
  public ProviderKind kind() {
    return ProviderKind.LOCAL;
  }

  @Override
  public Set<Ability> abilities() {
    return EnumSet.of(Ability.COMPONENTS, Ability.PROCESSES, Ability.NAMESPACES);
  }

  @Override
  public Cluster up(ClusterSpec spec) {
    long start = clock.millis();
    prerequisites.check(!NODE_MODULES.stream().allMatch(binaries::isBuilt));
    NODE_MODULES.forEach(binaries::build);
    try (var _ = lock()) {
      StateDirectory state = StateDirectory.of(cache, spec.name());
      Optional<LocalCluster> running = running(state, spec.gpus());
      LocalCluster cluster = running.orElseGet(() -> create(state, spec));
      progress.step(
          "%s is %s after %.1f s"
              .formatted(
                  spec.name(),
                  running.isPresent() ? "running already, checked" : "ready",
                  (clock.millis() - start) / 1000.0));
      return cluster;
    }
  }

  @Override
  public Optional<Cluster> find(String name) {
    return attach(StateDirectory.of(cache, name)).map(cluster -> cluster);
  }

  @Override
  public void down(String name, boolean keepLogs) {
    try (var _ = lock()) {
      remove(StateDirectory.of(cache, name), keepLogs);
    }
  }

  private ExclusiveLock lock() {
    return ExclusiveLock.acquire(
        cache.path().resolve("clusters.lock"),
        () -> progress.step("waiting for another cluster command"));
  }

  private Optional<LocalCluster> attach(StateDirectory state) {
    return NodeState.read(state.stateFile())
        .flatMap(known ->
            NodeNamespaces.find(state).map(node -> new LocalCluster(state, known, node, binaries)));
  }

  /** The cluster that runs already, with the number of GPUs asked for and all programs running. */
  private Optional<LocalCluster> running(StateDirectory state, int gpus) {
    Optional<NodeState> known = NodeState.read(state.stateFile());
    known.ifPresent(node -> {
      if (!node.binaries().equals(binariesOfNode())) {
        progress.step("its programs are of another version: run down, then up, to renew them");
      }
      node.withGpus(gpus).write(state.stateFile());
    });
    Optional<LocalCluster> cluster = attach(state);
    cluster.ifPresent(LocalCluster::ensureRunning);
    return cluster;
  }

  private LocalCluster create(StateDirectory state, ClusterSpec spec) {
    remove(state, false);
    try (var _ = new UndoOnExit("cluster", () -> remove(state, true))) {
      NodeState node =
          new NodeState(
              spec.name(),
              spec.gpus(),
              NodeLink.choose(state),
              S3Service.newSecretKey(),
              binariesOfNode());
      progress.step("making node " + NodeFiles.NODE_NAME + " at " + node.link().nodeAddress());
      new NodeFiles(state, node).write(clock);
      node.write(state.stateFile());
      Cgroups.of(state).create();
      NodeNamespaces namespaces =
          NodeNamespaces.create(
              state,
              binaries.folder(),
              binaries.folder().relativize(binaries.program(GoModule.PAUSE, "pause")),
              NodeFiles.NODE_NAME);
      Cgroups.of(state).join(namespaces.init());
      node.link().create(namespaces);
      progress.step("starting the control plane, kubelet, containerd, DNS and MinIO");
      LocalCluster cluster = new LocalCluster(state, node, namespaces, binaries);
      cluster.ensureRunning();
      return cluster;
    } catch (RuntimeException failure) {
      removeAfter(failure, state);
      throw failure;
    }
  }

  private void removeAfter(RuntimeException failure, StateDirectory state) {
    try {
      remove(state, true);
    } catch (RuntimeException second) {
      failure.addSuppressed(second);
    }
  }

  private void remove(StateDirectory state, boolean keepLogs) {
    LeftBehind remains = new LeftBehind(state);
    // Killing the first process of the namespaces ends the others; a half-made node may have more.
    NodeNamespaces.find(state).ifPresent(node -> node.init().kill());
    remains
        .processes()
        .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    Await.until(
        END_LIMIT,
        () -> remains.processes().isEmpty(),
        () -> "Processes of the cluster survive being killed: " + remains.list());
    NodeLink.delete(state);
    Cgroups.of(state).delete();
    if (!remains.mounts().isEmpty()) {
      throw new ClusterException("Files of the cluster are mounted still: " + remains.mounts());
    }
    deleteFiles(state, keepLogs);
  }

  private static void deleteFiles(StateDirectory state, boolean keepLogs) {
    if (!Files.isDirectory(state.root())) {
      return;
    }
    if (!keepLogs) {
      Trees.delete(state.root());
      return;
    }
    try (Stream<Path> files = Files.list(state.root())) {
      files.filter(file -> !file.equals(state.logs())).toList().forEach(Trees::delete);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + state.root(), failure);
    }
  }

  private String binariesOfNode() {
    return NODE_MODULES.stream()
        .map(module -> binaries.folderOf(module).getFileName().toString())
        .collect(Collectors.joining(" "));
  }
}
