package io.loraoperator.e2e.cluster.binaries;

import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.Progress;
import io.loraoperator.e2e.cluster.process.ExclusiveLock;
import io.loraoperator.e2e.cluster.process.LogFile;
import io.loraoperator.e2e.cluster.process.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Programs built from {@link GoModule}s with nothing but {@code go build}, once per machine.
 *
 * <p>A module's folder in the cache is named by a hash of everything that decides its contents, is
 * moved into place as a whole, and is never changed afterwards. Calls may run at the same time.
 *
 * @param folder the cache, {@code …/lora-operator/binaries}
 */
public record GoBinaries(Path folder, Progress progress) {
  private static final int REPORT_EVERY_SECONDS = 30;

  /** The folder that holds (or would hold) the module's programs. */
  public Path folderOf(GoModule module) {
    return folder.resolve(module.folder() + "-" + key(module));
  }

  public boolean isBuilt(GoModule module) {
    return Files.isDirectory(folderOf(module));
  }

  /**
   * The path of a program, built first if need be.
   *
   * @throws ClusterException with the compiler's last words if the build fails
   */
  public Path program(GoModule module, String name) {
    if (!module.programs().containsValue(name)) {
      throw new IllegalArgumentException(module + " gives no program " + name);
    }
    return build(module).resolve(name);
  }

  /** Builds the module unless that has been done before; returns its folder. */
  public Path build(GoModule module) {
    Path ready = folderOf(module);
    if (isBuilt(module)) {
      return ready;
    }
    Path lock = folder.resolve(module.folder() + ".lock");
    try (var _ =
        ExclusiveLock.acquire(
            lock, () -> progress.step("waiting for another build of " + module.folder()))) {
      if (!isBuilt(module)) {
        compile(module, ready);
      }
      return ready;
    }
  }

  private void compile(GoModule module, Path ready) {
    try {
      Path staging = Files.createTempDirectory(folder, "." + module.folder() + "-");
      try {
        Path source = Files.createDirectory(staging.resolve("source"));
        for (Map.Entry<String, byte[]> file : module.files().entrySet()) {
          Files.write(source.resolve(file.getKey()), file.getValue());
        }
        Path output = Files.createDirectory(staging.resolve("output"));
        compile(module, source, output);
        for (Map.Entry<String, String> program : module.programs().entrySet()) {
          Files.move(output.resolve(program.getKey()), output.resolve(program.getValue()));
        }
        Files.move(output, ready, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Trees.delete(staging);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot build " + module.folder() + " in " + folder, failure);
    }
  }

  private void compile(GoModule module, Path source, Path output) throws IOException {
    progress.step("building " + module.folder() + " (once per machine)");
    Path log = source.resolve("build.log");
    List<String> command = new ArrayList<>(List.of("go"));
    command.addAll(module.buildArguments(output + "/"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(source.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("CGO_ENABLED", "0");
    builder.environment().put("GOFLAGS", "-mod=readonly");
    long start = System.nanoTime();
    Process build = builder.start();
    try {
      while (!build.waitFor(REPORT_EVERY_SECONDS, TimeUnit.SECONDS)) {
        progress.step("building " + module.folder() + ": " + secondsSince(start) + " s so far");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ClusterException("Interrupted while building " + module.folder(), interrupted);
    } finally {
      build.destroy();
    }
    if (build.exitValue() != 0) {
      throw new ClusterException(
          "Building e2e/binaries/" + module.folder() + " failed:\n" + LogFile.tail(log));
    }
    progress.step("built " + module.folder() + " in " + secondsSince(start) + " s");
  }

  private static long secondsSince(long start) {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
  }

  private static String key(GoModule module) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new TreeMap<>(module.files())
          .forEach((name, bytes) -> {
            digest.update((name + " " + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
          });
      String rest = module.buildArguments("") + System.getProperty("os.arch") + module.programs();
      digest.update(rest.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
