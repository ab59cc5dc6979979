package io.loraoperator.e2e.cluster.local;

import io.loraoperator.e2e.cluster.binaries.GoBinaries;
import io.loraoperator.e2e.cluster.binaries.GoModule;
import io.loraoperator.e2e.cluster.process.Command;
import io.loraoperator.e2e.cluster.process.Trees;
import io.loraoperator.e2e.image.OciLayout;
import io.loraoperator.e2e.image.OciLayout.Entry;
import io.loraoperator.e2e.image.OciLayout.Folder;
import io.loraoperator.e2e.image.OciLayout.Link;
import io.loraoperator.e2e.image.OciLayout.Program;
import io.loraoperator.e2e.image.OciLayout.Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The local provider's node as images that a Docker engine runs in the place of {@code rancher/k3s}
 * and {@code minio/minio}, for machines that can pull neither.
 *
 * <p>The node's keeps what Testcontainers' {@code K3sContainer} relies on: the command {@code
 * server}, port 6443, a line that says the node is there, an administrator's kubeconfig at {@code
 * /etc/rancher/k3s/k3s.yaml}, and {@code ctr} beside the kubelet. Its options are K3s's and mean
 * nothing to it. The certificates are part of the image: it is for the machine that made it.
 */
public final class NodeImage {
  public static final String NODE = "localhost/lora-operator/k3s-substitute:1";
  public static final String MINIO = "localhost/lora-operator/minio-substitute:1";

  /** Of the container's loopback interface: known before the container has an address. */
  private static final String NODE_ADDRESS = "10.213.255.2";

  private static final String NODE_NAME = NodeFiles.NODE_NAME;

  /** Where the image keeps the node's state, outside of its layers, and its programs. */
  private static final String STATE = "/node";

  private static final String PROGRAMS = "/opt/node";

  private static final List<GoModule> MODULES =
      List.of(
          GoModule.PAUSE,
          GoModule.ETCD,
          GoModule.CONTAINERD,
          GoModule.KUBERNETES,
          GoModule.COREDNS);

  /** What the node calls besides busybox's: kubelet, kube-proxy, containerd and CNI name them. */
  private static final List<String> SYSTEM_PROGRAMS =
      List.of(
          "mount", "umount", "nsenter", "ip", "runc", "conntrack", "socat", "xtables-nft-multi");

  private static final List<String> NETWORK_PLUGINS =
      List.of("ptp", "host-local", "portmap", "loopback");

  private final GoBinaries binaries;
  private final Clock clock;

  public NodeImage(GoBinaries binaries, Clock clock) {
    this.binaries = binaries;
    this.clock = clock;
  }

  /** Writes the MinIO server's image; {@code docker load} reads it. */
  public void writeMinio(Path archive) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    entries.put("/usr/bin/minio", new Program(binaries.program(GoModule.MINIO, "minio")));
    entries.put("/tmp", new Folder());
    new OciLayout(MINIO, entries, List.of("/usr/bin/minio"), List.of("/data")).write(archive);
  }

  /** Writes the node's image; {@code docker load} reads it. */
  public void writeNode(Path archive) {
    try {
      Path scratch = Files.createTempDirectory("node-image-");
      try {
        Map<String, Entry> entries = new LinkedHashMap<>();
        addState(entries, scratch);
        addPrograms(entries, scratch);
        addSystem(entries);
        new OciLayout(NODE, entries, List.of("/bin/k3s"), List.of(STATE)).write(archive);
      } finally {
        Trees.delete(scratch);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot make the node's image " + archive, failure);
    }
  }

  private void addState(Map<String, Entry> entries, Path scratch) throws IOException {
    StateDirectory state = new StateDirectory(scratch.resolve("state"));
    NodeState node = new NodeState("default", 0, new NodeLink("", "", NODE_ADDRESS), "", "");
    NodeFiles files = new NodeFiles(state, node);
    files.write(clock);
    try (Stream<Path> tree = Files.walk(state.node())) {
      tree.filter(Files::isRegularFile)
          .sorted()
          .forEach(file -> entries.put(STATE + "/" + state.node().relativize(file), text(file)));
    }
    entries.put(STATE + "/config/dns.yaml", new Text(Template.fill("dns.yaml", files.values())));
    // K3s calls cluster, user and context so, and Testcontainers makes this the current context.
    String kubeconfig =
        Files.readString(state.kubeconfig()).replace("lora-operator-" + node.name(), "default");
    entries.put("/etc/rancher/k3s/k3s.yaml", new Text(kubeconfig));
  }

  private void addPrograms(Map<String, Entry> entries, Path scratch) {
    for (GoModule module : MODULES) {
      for (String program : module.programs().values()) {
        entries.put(PROGRAMS + "/" + program, new Program(binaries.program(module, program)));
      }
    }
    Path pause = scratch.resolve("pause.tar");
    ImageStore.writePause(binaries.program(GoModule.PAUSE, "pause"), pause);
    entries.put(PROGRAMS + "/pause.tar", new Program(pause));
    entries.put(PROGRAMS + "/node-init.sh", new Text(Template.text("node-init.sh")));
    entries.put(
        PROGRAMS + "/node-run.sh",
        new Text(
            Template.fill(
                "node-run.sh",
                Map.of("address", NODE_ADDRESS, "node", NODE_NAME, "programs", commands()))));
    entries.put(
        "/bin/k3s",
        new Text(
            Template.fill(
                "k3s.sh", Map.of("state", STATE, "programs", PROGRAMS, "node", NODE_NAME))));
    entries.put(
        "/bin/ctr",
        new Text(
            "#!/bin/sh\nexec %s/ctr --address=/run/containerd/containerd.sock \"$@\"\n"
                .formatted(PROGRAMS)));
  }

  /** One shell function for each program, in order: {@code name() { run name arguments; }}. */
  private static String commands() {
    NodeState node = new NodeState("default", 0, new NodeLink("", "", NODE_ADDRESS), "", "");
    return Components.of(node).stream()
        .filter(component -> component.module() != GoModule.MINIO)
        .map(component ->
            "start %s %s"
                .formatted(
                    component.name(),
                    component.arguments().stream()
                        .map(argument -> "'" + argument + "'")
                        .collect(Collectors.joining(" "))))
        .collect(Collectors.joining("\n"));
  }

  private static void addSystem(Map<String, Entry> entries) {
    entries.put("/bin/busybox", new Program(Path.of("/bin/busybox")));
    for (String applet : Command.run(List.of("busybox", "--list")).lines().toList()) {
      entries.putIfAbsent("/bin/" + applet, new Link("busybox"));
    }
    for (String name : SYSTEM_PROGRAMS) {
      String path = Command.run(List.of("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin which " + name));
      entries.remove("/bin/" + name);
      add(entries, "/usr/sbin/" + name, Path.of(path.strip()));
    }
    for (String name : List.of("iptables", "ip6tables")) {
      for (String suffix : List.of("", "-save", "-restore")) {
        entries.put("/usr/sbin/" + name + suffix, new Link("xtables-nft-multi"));
      }
    }
    for (String extension :
        Command.run(List.of("sh", "-c", "ls /usr/lib/*/xtables/*.so")).lines().toList()) {
      add(entries, extension, Path.of(extension));
    }
    for (String name : NETWORK_PLUGINS) {
      add(entries, "/usr/lib/cni/" + name, Path.of("/usr/lib/cni", name));
    }
    // The kubelet asks for its own account.
    entries.put("/etc/passwd", new Text("root:x:0:0:root:/root:/bin/sh\n"));
    entries.put("/etc/group", new Text("root:x:0:\n"));
    for (String folder : List.of("/tmp", "/var", "/root")) {
      entries.put(folder, new Folder());
    }
  }

  /** Adds a program or library, and the libraries that it is linked with. */
  private static void add(Map<String, Entry> entries, String path, Path file) {
    entries.put(path, new Program(file));
    Command.attempt(List.of("ldd", file.toString()))
        .output()
        .lines()
        .flatMap(line -> Stream.of(line.strip().split(" ", -1)))
        .filter(word -> word.startsWith("/") && !word.endsWith(":"))
        .forEach(library -> entries.putIfAbsent(library, new Program(Path.of(library))));
  }

  private static Entry text(Path file) {
    try {
      return new Text(Files.readString(file));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + file, failure);
    }
  }
}
