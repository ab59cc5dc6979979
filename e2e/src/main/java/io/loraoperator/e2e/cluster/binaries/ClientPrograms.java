package io.loraoperator.e2e.cluster.binaries;

import io.loraoperator.e2e.cluster.ClusterException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code kubectl} and {@code helm} for clusters that bring none: those built here before, else
 * those on the search path, else built now.
 *
 * @param environment where programs are looked for ({@code PATH})
 */
public record ClientPrograms(GoBinaries binaries, Map<String, String> environment) {
  public ClientPrograms {
    environment = Map.copyOf(environment);
  }

  public Path kubectl() {
    return program(GoModule.KUBERNETES, "kubectl");
  }

  public Path helm() {
    return program(GoModule.HELM, "helm");
  }

  private Path program(GoModule module, String name) {
    if (binaries.isBuilt(module)) {
      return binaries.program(module, name);
    }
    return onPath(name)
        .orElseGet(() -> {
          if (onPath("go").isEmpty()) {
            throw new ClusterException(
                "%s is not on the PATH, and neither is Go, which would build it: install either."
                    .formatted(name));
          }
          return binaries.program(module, name);
        });
  }

  private Optional<Path> onPath(String name) {
    return Stream.of(environment.getOrDefault("PATH", "").split(":", -1))
        .map(folder -> Path.of(folder.isEmpty() ? "." : folder).resolve(name).toAbsolutePath())
        .filter(Files::isExecutable)
        .findFirst();
  }
}
