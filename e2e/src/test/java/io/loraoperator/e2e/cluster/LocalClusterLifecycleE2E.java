package io.loraoperator.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.e2e.cluster.binaries.GoBinaries;
import io.loraoperator.e2e.cluster.binaries.GoModule;
import io.loraoperator.e2e.cluster.choice.ClusterProviders;
import io.loraoperator.e2e.cluster.local.LeftBehind;
import io.loraoperator.e2e.cluster.process.Command;
import io.loraoperator.e2e.cluster.process.Trees;
import io.loraoperator.e2e.image.BusyboxImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Local clusters come, run side by side, and go without a trace. */
@Tag("needs-namespaces")
class LocalClusterLifecycleE2E {
  private static final CacheDirectory CACHE = CacheDirectory.of(System.getenv());

  @Test
  void clusterWithRunningPodsLeavesNothingBehind(@TempDir Path folder) {
    String name = "lifecycle";
    ClusterProvider provider = ClusterProviders.of(System.getenv()).local();
    provider.down(name, false);
    List<String> before = machine();
    try {
      Cluster cluster = provider.up(new ClusterSpec(name, 1));
      cluster.importImage(BusyboxImage.write(folder));
      try (KubernetesClient client = cluster.client()) {
        RestrictedNamespace.withRunningPod(client);
      }
      assertThat(LeftBehind.of(CACHE, name).list())
          .as("what the search below would find")
          .anySatisfy(line -> assertThat(line).startsWith("process ").contains("kubelet"))
          .anySatisfy(line -> assertThat(line).startsWith("process ").contains("sleep 600"))
          .anySatisfy(line -> assertThat(line).startsWith("network interface "))
          .anySatisfy(line -> assertThat(line).startsWith("control group ").contains("kubepods"))
          .anySatisfy(line -> assertThat(line).startsWith("files "));
    } finally {
      provider.down(name, false);
    }

    assertThat(LeftBehind.of(CACHE, name).list()).isEmpty();
    assertThat(machine()).isEqualTo(before);
    assertThat(provider.find(name)).isEmpty();
  }

  @Test
  void failedStartSaysWhyAndLeavesNothingButLogs() throws IOException {
    // Beside the binaries, so that they can be linked instead of copied.
    Path folder = Files.createTempDirectory(Files.createDirectories(CACHE.path()), ".failing-");
    try {
      Map<String, String> environment = new HashMap<>(System.getenv());
      environment.put(CacheDirectory.VARIABLE, folder.toString());
      CacheDirectory cache = CacheDirectory.of(environment);
      linkBinaries(cache);
      breakEtcd(cache);
      ClusterProvider provider = ClusterProviders.of(environment).local();

      assertThatExceptionOfType(ClusterException.class)
          .isThrownBy(() -> provider.up(ClusterSpec.ofName("failing")))
          .withMessageContaining("etcd ended; the end of ")
          .withMessageContaining("the disk is on fire");

      assertThat(LeftBehind.of(cache, "failing").list())
          .containsExactly("files " + cache.clusters().resolve("failing"));
      assertThat(cache.clusters().resolve("failing")).isDirectoryContaining("glob:**/logs");
      try (Stream<Path> files = Files.list(cache.clusters().resolve("failing"))) {
        assertThat(files).hasSize(1);
      }
      provider.down("failing", false);
      assertThat(LeftBehind.of(cache, "failing").list()).isEmpty();
    } finally {
      Trees.delete(folder);
    }
  }

  private static void linkBinaries(CacheDirectory cache) throws IOException {
    GoBinaries built = new GoBinaries(CACHE.binaries(), Progress.standardError());
    for (GoModule module : GoModule.values()) {
      if (module == GoModule.HELM) {
        continue;
      }
      Path source = built.build(module);
      Path target =
          Files.createDirectories(cache.binaries().resolve(source.getFileName().toString()));
      for (String program : module.programs().values()) {
        Files.createLink(target.resolve(program), source.resolve(program));
      }
    }
  }

  private static void breakEtcd(CacheDirectory cache) throws IOException {
    Path etcd =
        new GoBinaries(cache.binaries(), Progress.standardError())
            .folderOf(GoModule.ETCD)
            .resolve("etcd");
    Files.delete(etcd);
    Files.writeString(etcd, "#!/bin/sh\necho the disk is on fire\nexit 1\n");
    assertThat(etcd.toFile().setExecutable(true)).isTrue();
  }

  /** What a careless cluster would change on this machine. */
  private static List<String> machine() {
    TreeSet<String> lines = new TreeSet<>();
    Command.run(List.of("ip", "-o", "link"))
        .lines()
        .forEach(line -> lines.add("link " + line.split(":", -1)[1]));
    Command.run(List.of("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; iptables-save; ip6tables-save"))
        .lines()
        .filter(line -> line.startsWith("-A") || line.contains("KUBE-") || line.contains("CNI-"))
        .map(line -> line.replaceAll("\\[[0-9:]+]", ""))
        .forEach(line -> lines.add("iptables " + line));
    Command.run(
            List.of(
                "sh",
                "-c",
                "ls -d /run/netns/* /run/containerd* /run/runc* /var/lib/cni* /var/lib/kubelet*"
                    + " /var/lib/containerd* /var/log/pods* /var/log/containers* /opt/containerd*"
                    + " /etc/cni* /usr/libexec/kubernetes* 2>/dev/null; true"))
        .lines()
        .forEach(line -> lines.add("file " + line));
    Command.run(
            List.of(
                "sh",
                "-c",
                "cat /proc/sys/vm/overcommit_memory /proc/sys/vm/panic_on_oom"
                    + " /proc/sys/kernel/panic /proc/sys/kernel/panic_on_oops"
                    + " /proc/sys/net/ipv4/ip_forward"
                    + " /proc/sys/net/netfilter/nf_conntrack_max 2>/dev/null | tr '\\n' ' '"))
        .lines()
        .forEach(line -> lines.add("settings " + line));
    Command.run(List.of("sh", "-c", "find /sys/fs/cgroup -maxdepth 3 -name '*kubepods*'"))
        .lines()
        .forEach(line -> lines.add("control group " + line));
    return List.copyOf(lines);
  }
}
