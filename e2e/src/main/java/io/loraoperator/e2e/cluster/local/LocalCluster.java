package io.loraoperator.e2e.cluster.local;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.FakeGpus;
import io.loraoperator.e2e.cluster.S3Endpoint;
import io.loraoperator.e2e.cluster.S3Service;
import io.loraoperator.e2e.cluster.binaries.GoBinaries;
import io.loraoperator.e2e.cluster.binaries.GoModule;
import io.loraoperator.e2e.cluster.process.Await;
import io.loraoperator.e2e.cluster.process.LogFile;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A {@link Cluster} of one node in Linux namespaces of this machine. */
final class LocalCluster implements Cluster {
  private static final Duration READY_LIMIT = Duration.ofMinutes(2);

  /** A killed process has nothing to tidy up that a restart would miss. */
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  private static final String SYSTEM_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final StateDirectory state;
  private final NodeState nodeState;
  private final NodeNamespaces node;
  private final GoBinaries binaries;
  private final ImageStore images;

  LocalCluster(
      StateDirectory state, NodeState nodeState, NodeNamespaces node, GoBinaries binaries) {
    this.state = state;
    this.nodeState = nodeState;
    this.node = node;
    this.binaries = binaries;
    this.images = new ImageStore(node, inNode(GoModule.CONTAINERD, "ctr"));
  }

  @Override
  public String name() {
    return nodeState.name();
  }

  @Override
  public Path kubeconfig() {
    return state.kubeconfig();
  }

  @Override
  public List<String> importImage(Path ociLayoutTar) {
    return images.importArchive(ociLayoutTar);
  }

  @Override
  public S3Endpoint s3() {
    return new S3Endpoint(
        "http://" + nodeState.link().nodeAddress() + ":" + S3Service.PORT,
        S3Service.URL,
        S3Service.REGION,
        S3Service.ACCESS_KEY,
        nodeState.s3SecretKey());
  }

  @Override
  public int gpus() {
    return nodeState.gpus();
  }

  @Override
  public Path kubectl() {
    return binaries.program(GoModule.KUBERNETES, "kubectl");
  }

  @Override
  public Path helm() {
    return binaries.program(GoModule.HELM, "helm");
  }

  @Override
  public List<String> components() {
    return Components.of(nodeState).stream().map(Component::name).toList();
  }

  @Override
  public boolean isRunning(String component) {
    return alive(component(component));
  }

  @Override
  public void stopComponent(String name) {
    NodeProcess.read(state.processFile(component(name).name()))
        .ifPresent(process -> process.stop(STOP_PATIENCE));
  }

  @Override
  public void startComponent(String name) {
    Component component = component(name);
    if (!alive(component)) {
      start(component);
    }
    try (KubernetesClient client = impatientClient();
        Probes probes = probes(client)) {
      awaitReady(component, probes);
      if (name.equals(Components.KUBELET)) {
        FakeGpus.advertise(client, NodeFiles.NODE_NAME, nodeState.gpus());
      }
    }
  }

  /** Starts whatever does not run, and returns when everything does its work. */
  void ensureRunning() {
    List<Component> components = Components.of(nodeState);
    int servers = components.indexOf(component(Components.API_SERVER)) + 1;
    try (KubernetesClient client = impatientClient();
        Probes probes = probes(client)) {
      ensureRunning(components.subList(0, servers), probes);
      if (!images.references().contains(NodeFiles.PAUSE_IMAGE)) {
        images.importPause(binaries.program(GoModule.PAUSE, "pause"));
      }
      applyManifests(client);
      // The controller manager gives up on an API server that does not answer soon.
      ensureRunning(components.subList(servers, components.size()), probes);
      FakeGpus.advertise(client, NodeFiles.NODE_NAME, nodeState.gpus());
      awaitServiceAccounts(client);
    }
  }

  private void ensureRunning(List<Component> components, Probes probes) {
    components.stream().filter(component -> !alive(component)).forEach(this::start);
    components.forEach(component -> awaitReady(component, probes));
  }

  private void start(Component component) {
    String program = inNode(component.module(), component.name());
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(component.arguments());
    Map<String, String> environment = new HashMap<>(component.environment());
    environment.put(NodeNamespaces.MARKER, state.root().toString());
    // containerd looks for its shim beside itself.
    environment.put("PATH", Path.of(program).resolveSibling(".").normalize() + ":" + SYSTEM_PATH);
    environment.put("HOME", "/var/lib");
    NodeProcess process = node.start(command, environment, state.log(component.name()));
    process.write(state.processFile(component.name()));
    Cgroups.of(state).join(process);
  }

  private void awaitReady(Component component, Probes probes) {
    boolean settled =
        Await.within(READY_LIMIT, () -> !alive(component) || probes.ready(component.name()));
    Path log = state.log(component.name());
    if (!alive(component)) {
      throw new ClusterException(NodeNamespaces.ended(component.name(), log));
    }
    if (!settled) {
      throw new ClusterException(
          "%s is not ready after %d s; the end of %s:\n%s"
              .formatted(component.name(), READY_LIMIT.toSeconds(), log, LogFile.tail(log)));
    }
  }

  private void applyManifests(KubernetesClient client) {
    String dns = Template.fill("dns.yaml", new NodeFiles(state, nodeState).values());
    client.load(new ByteArrayInputStream(dns.getBytes(StandardCharsets.UTF_8))).serverSideApply();
    S3Service.apply(client, nodeState.link().nodeAddress());
  }

  /** No Pod can be created in a namespace before its account is there. */
  private void awaitServiceAccounts(KubernetesClient client) {
    Await.until(
        READY_LIMIT,
        () -> client.serviceAccounts().inNamespace("default").withName("default").get() != null,
        () ->
            "The controller manager makes no service accounts:\n"
                + LogFile.tail(state.log(Components.CONTROLLER_MANAGER)));
  }

  /** A client that reports a failed call at once instead of trying again: waiting is done here. */
  private KubernetesClient impatientClient() {
    Config config =
        new ConfigBuilder(Config.fromKubeconfig(kubeconfig().toFile()))
            .withRequestRetryBackoffLimit(0)
            .build();
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  private Probes probes(KubernetesClient client) {
    return new Probes(node, nodeState.link().nodeAddress(), client, images);
  }

  private boolean alive(Component component) {
    return NodeProcess.read(state.processFile(component.name()))
        .filter(NodeProcess::alive)
        .isPresent();
  }

  private Component component(String name) {
    return Components.of(nodeState).stream()
        .filter(component -> component.name().equals(name))
        .findAny()
        .orElseThrow(() ->
            new ClusterException(
                "No program '" + name + "' in the node; there are " + components()));
  }

  private String inNode(GoModule module, String program) {
    return "/run/binaries/" + binaries.folderOf(module).getFileName() + "/" + program;
  }
}
