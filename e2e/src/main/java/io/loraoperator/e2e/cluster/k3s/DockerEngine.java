package io.loraoperator.e2e.cluster.k3s;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.PullImageResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ExecInContainerPattern;
import org.testcontainers.utility.DockerImageName;

/** The Docker engine that Testcontainers finds: {@code DOCKER_HOST}, or the usual sockets. */
final class DockerEngine {
  private static final Duration PULL_LIMIT = Duration.ofMinutes(10);

  /**
   * Testcontainers' own words, with stack traces, about what is said here in a sentence. Kept: a
   * logger that nobody refers to forgets its level.
   */
  private static final List<Logger> TALKATIVE =
      List.of(
          Logger.getLogger("org.testcontainers"),
          Logger.getLogger("com.github.dockerjava"),
          Logger.getLogger("tc"));

  private final DockerClient client;

  private DockerEngine(DockerClient client) {
    this.client = client;
  }

  /** The engine, if one answers. */
  static Optional<DockerEngine> find() {
    TALKATIVE.forEach(logger -> logger.setLevel(Level.OFF));
    try {
      return Optional.of(new DockerEngine(DockerClientFactory.instance().client()));
    } catch (IllegalStateException none) {
      return Optional.empty();
    }
  }

  /** Whether its containers' processes are processes of this machine. */
  boolean sharesKernel() {
    return System.getProperty("os.version").equals(client.infoCmd().exec().getKernelVersion());
  }

  /** Pulls the image unless it is there; returns why it cannot be had, if so. */
  Optional<String> pull(DockerImageName image, Progress progress) {
    try {
      client.inspectImageCmd(image.asCanonicalNameString()).exec();
      return Optional.empty();
    } catch (NotFoundException absent) {
      return pullNow(image, progress);
    }
  }

  private Optional<String> pullNow(DockerImageName image, Progress progress) {
    progress.step("pulling " + image.asCanonicalNameString());
    try {
      boolean complete =
          client
              .pullImageCmd(image.getUnversionedPart())
              .withTag(image.getVersionPart())
              .exec(new PullImageResultCallback())
              .awaitCompletion(PULL_LIMIT.toSeconds(), TimeUnit.SECONDS);
      return complete
          ? Optional.empty()
          : Optional.of("not pulled within " + PULL_LIMIT.toMinutes() + " minutes");
    } catch (DockerException refused) {
      return Optional.of(String.valueOf(refused.getMessage()).lines().findFirst().orElse("?"));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ClusterException("Interrupted while pulling " + image, interrupted);
    }
  }

  /** The container, if it runs. */
  Optional<InspectContainerResponse> running(String id) {
    try {
      InspectContainerResponse container = client.inspectContainerCmd(id).exec();
      return Boolean.TRUE.equals(container.getState().getRunning())
          ? Optional.of(container)
          : Optional.empty();
    } catch (NotFoundException gone) {
      return Optional.empty();
    }
  }

  /** Runs a program in a container to its end; fails with its output unless it exits with 0. */
  String run(InspectContainerResponse container, String... command) {
    try {
      ExecResult result = ExecInContainerPattern.execInContainer(client, container, command);
      if (result.getExitCode() != 0) {
        throw new ClusterException(
            "`%s` in container %s failed with exit code %d: %s%s"
                .formatted(
                    String.join(" ", command),
                    container.getName(),
                    result.getExitCode(),
                    result.getStdout(),
                    result.getStderr()));
      }
      return result.getStdout();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot run " + Arrays.toString(command), failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ClusterException("Interrupted while running " + command[0], interrupted);
    }
  }

  /** Copies a file of this machine into a folder of a container. */
  void copy(Path file, InspectContainerResponse container, String folder) {
    client
        .copyArchiveToContainerCmd(container.getId())
        .withHostResource(file.toString())
        .withRemotePath(folder)
        .exec();
  }

  /** What the containers that carry the label printed, running or not, by their images' names. */
  Map<String, String> logs(Map<String, String> label) {
    Map<String, String> logs = new TreeMap<>();
    for (Container container : labelled(label)) {
      StringBuilder text = new StringBuilder();
      try {
        client
            .logContainerCmd(container.getId())
            .withStdOut(true)
            .withStdErr(true)
            .exec(new LogText(text))
            .awaitCompletion();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new ClusterException("Interrupted while reading a container's log", interrupted);
      }
      logs.put(container.getImage(), text.toString());
    }
    return logs;
  }

  /** Removes the containers that carry the label, and their volumes. */
  void remove(Map<String, String> label) {
    for (Container container : labelled(label)) {
      try {
        client.removeContainerCmd(container.getId()).withForce(true).withRemoveVolumes(true).exec();
      } catch (NotFoundException gone) {
        // Somebody else was faster.
      }
    }
  }

  /** Whether a container that carries the label ran and does no more. */
  boolean anyEnded(Map<String, String> label) {
    return labelled(label).stream()
        .anyMatch(one -> "exited".equals(one.getState()) || "dead".equals(one.getState()));
  }

  private List<Container> labelled(Map<String, String> label) {
    return client.listContainersCmd().withShowAll(true).withLabelFilter(label).exec();
  }

  /** One line for each container, volume and network that the engine has. */
  List<String> inventory() {
    TreeSet<String> found = new TreeSet<>();
    client
        .listContainersCmd()
        .withShowAll(true)
        .exec()
        .forEach(one -> found.add("container " + one.getId() + " of " + one.getImage()));
    Optional.ofNullable(client.listVolumesCmd().exec().getVolumes())
        .ifPresent(all -> all.forEach(one -> found.add("volume " + one.getName())));
    client.listNetworksCmd().exec().forEach(one -> found.add("network " + one.getName()));
    return List.copyOf(found);
  }
}
