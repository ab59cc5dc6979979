package io.loraoperator.trainer.run;

import io.loraoperator.contract.PodPaths;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What surrounds the process, read once at its edge.
 *
 * @param variables environment variables
 * @param memory bytes that this process may take: the container's limit, or what the machine has
 * @param podRoot where the Pod's paths begin ({@code /}); null outside a Pod
 */
public record Surroundings(Map<String, String> variables, long memory, @Nullable Path podRoot) {

  public Surroundings {
    variables = Map.copyOf(variables);
  }

  /** Whether this is a Pod of a run. */
  public boolean inPod() {
    return podRoot != null;
  }

  /** A path of {@link PodPaths} here. */
  public Path inPod(String path) {
    if (podRoot == null) {
      throw new IllegalStateException("there is no Pod");
    }
    return podRoot.resolve(path.substring(1));
  }
}
