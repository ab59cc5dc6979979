package io.loraoperator.e2e.cluster.local;

import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.ImageArchive;
import io.loraoperator.e2e.image.OciLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The node's images, as containerd keeps them for the kubelet.
 *
 * @param ctr containerd's client program, as the node sees it
 */
record ImageStore(NodeNamespaces node, String ctr) {
  /** Imports an archive and returns the references it holds. */
  List<String> importArchive(Path archive) {
    if (!Files.isRegularFile(archive)) {
      throw new ClusterException(archive + ": no such image archive");
    }
    List<String> names = ImageArchive.references(archive);
    node.run(archive, containerd("images", "import", "-"));
    TreeSet<String> missing = new TreeSet<>(names);
    missing.removeAll(references());
    if (!missing.isEmpty()) {
      throw new ClusterException(archive + ": containerd did not take up " + missing);
    }
    return names;
  }

  /** Whether containerd answers. */
  boolean reachable() {
    return node.attempt(containerd("version")).exitCode() == 0;
  }

  /** The names of all images, digests left out. */
  List<String> references() {
    return node.run(containerd("images", "list", "--quiet").toArray(String[]::new))
        .lines()
        .toList();
  }

  /** Imports the image that holds a Pod's namespaces: one static program. */
  void importPause(Path program) {
    try {
      Path archive = Files.createTempFile("pause-", ".tar");
      try {
        writePause(program, archive);
        importArchive(archive);
      } finally {
        Files.delete(archive);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write the pause image", failure);
    }
  }

  static void writePause(Path program, Path archive) {
    new OciLayout(
            NodeFiles.PAUSE_IMAGE,
            Map.of("/pause", new OciLayout.Program(program)),
            List.of("/pause"))
        .write(archive);
  }

  private List<String> containerd(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(ctr, "--address=/run/containerd/containerd.sock", "--namespace=k8s.io"));
    command.addAll(List.of(arguments));
    return command;
  }
}
