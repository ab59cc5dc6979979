package io.loraoperator.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Fetches packages of one Debian release by apt-get, with lists and state of its own: neither this
 * machine's distribution nor its package database matters or changes. apt checks the signatures.
 *
 * <p>Versions are resolved once and stay until {@link #refresh()}: with the cache kept, a rebuild
 * gives the same bytes.
 */
final class DebianPackages {
  /** The keys that sign Debian's archive; the package debian-archive-keyring brings them. */
  static final Path KEYRING = Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");

  static final String RELEASE = "bookworm";
  private static final String ARCHITECTURE = "amd64";

  private final Path folder;
  private final String mirror;

  /**
   * @param folder where lists and packages are cached
   * @param mirror a Debian mirror, the part of its URL before {@code /debian}; empty for the one
   *     that this machine's apt uses
   */
  DebianPackages(Path folder, String mirror) {
    this.folder = folder.resolve(RELEASE + "-" + ARCHITECTURE);
    this.mirror = mirror;
  }

  /** Forgets the resolved versions: the next fetch takes the newest. */
  void refresh() throws IOException {
    if (Files.exists(folder.resolve("packages"))) {
      try (Stream<Path> files = Files.list(folder.resolve("packages"))) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Files.delete(file);
        }
      }
    }
    Files.deleteIfExists(folder.resolve("lists-complete"));
  }

  /** The packages of these names, in the order of their names; fetched unless cached. */
  List<DebianPackage> fetch(List<String> names) throws IOException, InterruptedException {
    Path packages = Files.createDirectories(folder.resolve("packages"));
    List<String> missing = new ArrayList<>();
    for (String name : names) {
      if (cached(packages, name).isEmpty()) {
        missing.add(name);
      }
    }
    if (!missing.isEmpty()) {
      download(missing, packages);
    }
    List<DebianPackage> result = new ArrayList<>();
    for (String name : names) {
      List<Path> files = cached(packages, name);
      if (files.isEmpty()) {
        throw new ImageBuildException("apt-get fetched no package named " + name);
      }
      result.add(describe(files.getFirst()));
    }
    result.sort(Comparator.comparing(DebianPackage::name));
    return result;
  }

  private void download(List<String> names, Path packages)
      throws IOException, InterruptedException {
    List<String> apt = aptGet();
    Path complete = folder.resolve("lists-complete");
    if (!Files.exists(complete)) {
      Commands.run(folder, with(apt, "update"));
      Files.writeString(complete, "");
    }
    Path staging = Files.createTempDirectory(folder, "download");
    List<String> command = with(apt, "download");
    command.addAll(names);
    Commands.run(staging, command);
    try (Stream<Path> files = Files.list(staging)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.move(file, packages.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.delete(staging);
  }

  /** The first Debian archive among the sources that apt is set up with. */
  private static String mirrorOfThisMachine() throws IOException, InterruptedException {
    String sites =
        Commands.run(
            Path.of("/"),
            List.of("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"));
    return sites
        .lines()
        .map(site -> site.replaceAll("/+$", ""))
        .filter(site -> site.endsWith("/debian"))
        .map(site -> site.substring(0, site.length() - "/debian".length()))
        .findFirst()
        .orElseThrow(() ->
            new ImageBuildException(
                "this machine's apt has no Debian archive among its sources; name one with"
                    + " --debian-mirror"));
  }

  private List<String> aptGet() throws IOException, InterruptedException {
    Path lists = folder.resolve("lists");
    Files.createDirectories(lists.resolve("partial"));
    Files.createDirectories(folder.resolve("archives/archives/partial"));
    Path status = folder.resolve("status");
    if (!Files.exists(status)) {
      Files.createFile(status);
    }
    Path sources = folder.resolve("sources.list");
    String archive = mirror.isEmpty() ? mirrorOfThisMachine() : mirror;
    String options = "[signed-by=%s arch=%s]".formatted(KEYRING, ARCHITECTURE);
    Files.writeString(
        sources,
        """
        deb %1$s %2$s/debian %3$s main
        deb %1$s %2$s/debian %3$s-updates main
        deb %1$s %2$s/debian-security %3$s-security main
        """
            .formatted(options, archive, RELEASE),
        StandardCharsets.UTF_8);
    return List.of(
        "apt-get",
        "--quiet",
        "--option=Dir::Etc::SourceList=" + sources,
        "--option=Dir::Etc::SourceParts=/dev/null",
        "--option=Dir::State::Lists=" + lists,
        "--option=Dir::State::Status=" + status,
        "--option=Dir::Cache=" + folder.resolve("archives"),
        "--option=APT::Architecture=" + ARCHITECTURE,
        "--option=APT::Sandbox::User=",
        "--option=APT::Update::Error-Mode=any",
        "--option=Acquire::Languages=none",
        "--option=Acquire::Retries=3");
  }

  private static List<String> with(List<String> command, String argument) {
    List<String> all = new ArrayList<>(command);
    all.add(argument);
    return all;
  }

  private static List<Path> cached(Path packages, String name) throws IOException {
    try (Stream<Path> files = Files.list(packages)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(name + "_"))
          .sorted()
          .toList();
    }
  }

  private DebianPackage describe(Path file) throws IOException, InterruptedException {
    String format = "${Package}\n${Version}\n${Architecture}\n";
    List<String> fields =
        Commands.run(
                folder, List.of("dpkg-deb", "--show", "--showformat=" + format, file.toString()))
            .lines()
            .toList();
    return new DebianPackage(
        fields.get(0), fields.get(1), fields.get(2), file, Digests.sha256Hex(file));
  }
}
