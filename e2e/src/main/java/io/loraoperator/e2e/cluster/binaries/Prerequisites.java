package io.loraoperator.e2e.cluster.binaries;

import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.Progress;
import io.loraoperator.e2e.cluster.process.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What this machine must have before a local cluster can start; everything missing is named at
 * once.
 *
 * @param searchPath folders of programs, in order
 * @param install whether missing packages are installed (needs root) or only named
 */
public record Prerequisites(List<Path> searchPath, boolean install, Progress progress) {
  /** Where Debian's sbin programs are, which an ordinary user's PATH lacks. */
  private static final List<Path> SYSTEM_FOLDERS = List.of(Path.of("/usr/sbin"), Path.of("/sbin"));

  /** A Debian package and a file or program that shows it is installed. */
  private record SystemPackage(String name, String witness) {}

  private static final List<SystemPackage> PACKAGES =
      List.of(
          new SystemPackage("runc", "runc"),
          new SystemPackage("containernetworking-plugins", "/usr/lib/cni/ptp"),
          new SystemPackage("iptables", "iptables"),
          new SystemPackage("iproute2", "ip"),
          new SystemPackage("conntrack", "conntrack"),
          // The kubelet's port forwarding runs it.
          new SystemPackage("socat", "socat"),
          new SystemPackage("util-linux", "nsenter"),
          // The end-to-end tests make their image of it.
          new SystemPackage("busybox-static", "/bin/busybox"));

  /** The usual search path of {@code PATH} plus the system folders. */
  public static Prerequisites of(String path, boolean install, Progress progress) {
    List<Path> folders = new ArrayList<>();
    for (String folder : path.split(":", -1)) {
      if (!folder.isEmpty()) {
        folders.add(Path.of(folder));
      }
    }
    folders.addAll(SYSTEM_FOLDERS);
    return new Prerequisites(List.copyOf(folders), install, progress);
  }

  /** The missing Debian packages. */
  public List<String> missingPackages() {
    return PACKAGES.stream()
        .filter(candidate -> !present(candidate.witness()))
        .map(SystemPackage::name)
        .toList();
  }

  /**
   * Checks everything, installing packages where that was asked for.
   *
   * @param needsGo whether a Go module is still to be built
   * @throws ClusterException naming all that is missing, with the command that installs it
   */
  public void check(boolean needsGo) {
    List<String> complaints = new ArrayList<>();
    if (!Command.run(List.of("id", "-u")).strip().equals("0")) {
      complaints.add("root rights (namespaces, cgroups and mounts need them): run with sudo");
    }
    List<String> missing = missingPackages();
    if (!missing.isEmpty() && install && complaints.isEmpty()) {
      installPackages(missing);
      missing = missingPackages();
    }
    if (!missing.isEmpty()) {
      complaints.add(
          "packages: apt-get install --yes --no-install-recommends " + String.join(" ", missing));
    }
    if (needsGo && !present("go")) {
      complaints.add(
          "Go 1.26 or later on the PATH (the Go project's downloads, or your distribution's backports)");
    }
    if (!complaints.isEmpty()) {
      throw new ClusterException(
          "The local cluster needs, and this machine lacks:\n  " + String.join("\n  ", complaints));
    }
  }

  private void installPackages(List<String> packages) {
    progress.step("installing " + String.join(", ", packages));
    Command.run(List.of("apt-get", "update", "-qq"));
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "install",
                "--yes",
                "--no-install-recommends"));
    command.addAll(packages);
    Command.run(command);
  }

  private boolean present(String witness) {
    return witness.startsWith("/")
        ? Files.exists(Path.of(witness))
        : searchPath.stream().anyMatch(folder -> Files.isExecutable(folder.resolve(witness)));
  }
}
