package io.loraoperator.e2e.cluster.binaries;

import io.loraoperator.e2e.cluster.ClusterException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Go modules under {@code e2e/binaries}, each pinned by its {@code go.mod} and {@code go.sum},
 * and the programs that they give.
 */
public enum GoModule {
  ETCD("etcd", "tool", "", "server:etcd"),
  // Without the snapshotters that need C libraries or kernel modules that a machine may lack.
  CONTAINERD(
      "containerd",
      "tool",
      "no_btrfs,no_devmapper,no_zfs",
      "containerd containerd-shim-runc-v2 ctr"),
  KUBERNETES(
      "kubernetes",
      "tool",
      "",
      "kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl"),
  COREDNS("coredns", "tool", "", "coredns"),
  MINIO("minio", "tool", "", "minio"),
  HELM("helm", "tool", "", "helm"),
  PAUSE("pause", ".", "", "pause");

  private static final Pattern KUBERNETES_VERSION =
      Pattern.compile("k8s\\.io/kubernetes (v(\\d+)\\.(\\d+)\\.\\d+)");

  private final String folder;
  private final String target;
  private final String tags;
  private final String programs;

  /**
   * @param target what {@code go build} is asked for: the module's tools, or its own package
   * @param tags the build tags
   * @param programs what is built, as {@code name} or {@code nameByGo:name}, one blank between
   */
  GoModule(String folder, String target, String tags, String programs) {
    this.folder = folder;
    this.target = target;
    this.tags = tags;
    this.programs = programs;
  }

  /** The folder's name under {@code e2e/binaries}, and the first part of the cache folder's. */
  public String folder() {
    return folder;
  }

  /** What {@code go build} calls each program, and what the program is called here. */
  public Map<String, String> programs() {
    Map<String, String> names = new TreeMap<>();
    for (String program : programs.split(" ", -1)) {
      String[] both = program.split(":", -1);
      names.put(both[0], both[both.length - 1]);
    }
    return names;
  }

  /** The files that make the module, by name. */
  public Map<String, byte[]> files() {
    return this == PAUSE
        ? Map.of("go.mod", file("go.mod"), "pause.go", file("pause.go"))
        : Map.of("go.mod", file("go.mod"), "go.sum", file("go.sum"));
  }

  /** The arguments of {@code go} that write the programs into {@code output}. */
  public List<String> buildArguments(String output) {
    List<String> arguments = new ArrayList<>(List.of("build", "-trimpath", "-buildvcs=false"));
    if (!tags.isEmpty()) {
      arguments.addAll(List.of("-tags", tags));
    }
    arguments.addAll(List.of("-ldflags", linkerFlags(), "-o", output, target));
    return arguments;
  }

  /** Kubernetes takes its version from the linker; without it the server calls itself v0.0.0. */
  private String linkerFlags() {
    if (this != KUBERNETES) {
      return "-s -w";
    }
    Matcher version =
        KUBERNETES_VERSION.matcher(new String(file("go.mod"), StandardCharsets.UTF_8));
    if (!version.find()) {
      throw new ClusterException(
          "e2e/binaries/kubernetes/go.mod: does not require k8s.io/kubernetes");
    }
    String variable = " -X k8s.io/component-base/version.";
    return "-s -w"
        + (variable + "gitVersion=" + version.group(1))
        + (variable + "gitMajor=" + version.group(2))
        + (variable + "gitMinor=" + version.group(3));
  }

  private byte[] file(String name) {
    String resource = "/go-modules/" + folder + "/" + name;
    try (InputStream stream = GoModule.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new ClusterException(
            "e2e/binaries/" + folder + "/" + name + ": missing from the build");
      }
      return stream.readAllBytes();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + resource, failure);
    }
  }
}
