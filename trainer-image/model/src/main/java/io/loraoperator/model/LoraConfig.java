package io.loraoperator.model;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.UnsupportedModelException;
import java.util.List;

/**
 * Low-rank adapters: y = W x + alpha / rank * B A dropout(x).
 *
 * @param rank rows of A and columns of B
 * @param alpha numerator of the scaling
 * @param dropout probability with which an input of A is zeroed in training, in [0, 1)
 * @param targetModules names of linear modules, matched as a whole or after a dot ({@code q_proj});
 *     or {@value #ALL_LINEAR} alone for every linear module but the head
 * @param initSeed seed of A's initial values
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al., 2021</a>
 */
public record LoraConfig(
    int rank, double alpha, double dropout, List<String> targetModules, long initSeed) {

  /** The target that stands for every linear module but the head. */
  public static final String ALL_LINEAR = "all-linear";

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public LoraConfig {
    targetModules = List.copyOf(targetModules);
    if (rank < 1) {
      throw new IllegalArgumentException("rank must be at least 1, got " + rank);
    }
    if (!(alpha > 0) || Double.isInfinite(alpha)) {
      throw new IllegalArgumentException("alpha must be positive, got " + alpha);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be in [0, 1), got " + dropout);
    }
    if (targetModules.isEmpty()) {
      throw new IllegalArgumentException("targetModules must name at least one module");
    }
  }

  /** alpha / rank. */
  public double scaling() {
    return alpha / rank;
  }

  /**
   * The linear modules of an architecture that get adapters, in its order, as names within a
   * layer's block ({@code q_proj}); with what they belong to where the name alone would mean
   * others, too ({@code mlp.c_proj}).
   *
   * @throws UnsupportedModelException if a target names no linear module of the architecture
   */
  public List<String> resolvedTargets(Architecture architecture) {
    List<String> modules = architecture.linearModules();
    if (!targetModules.equals(List.of(ALL_LINEAR))) {
      for (String target : targetModules) {
        if (modules.stream().noneMatch(m -> matches(m, target))) {
          throw new UnsupportedModelException(
              "No linear module of a %s model is called %s; it has %s."
                  .formatted(
                      architecture.modelType(),
                      target,
                      String.join(
                          ", ", modules.stream().map(LoraConfig::lastPart).distinct().toList())));
        }
      }
    }
    List<String> chosen =
        modules.stream()
            .filter(m ->
                targetModules.equals(List.of(ALL_LINEAR))
                    || targetModules.stream().anyMatch(t -> matches(m, t)))
            .toList();
    return chosen.stream()
        .map(module ->
            modules.stream()
                    .filter(m -> lastPart(m).equals(lastPart(module)))
                    .allMatch(chosen::contains)
                ? lastPart(module)
                : module)
        .distinct()
        .toList();
  }

  private static boolean matches(String module, String target) {
    return module.equals(target) || module.endsWith("." + target);
  }

  private static String lastPart(String module) {
    return module.substring(module.lastIndexOf('.') + 1);
  }
}
