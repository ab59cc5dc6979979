package io.loraoperator.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code adapter_config.json} says of a LoRA adapter.
 *
 * @param baseModel what the adapter belongs to; null if not said
 * @param rank r, the inner dimension
 * @param alpha the scale's numerator: y = Wx + (alpha / r) B A x
 * @param dropout probability that an input of A is zeroed in training
 * @param targetModules names of the adapted modules: last parts ({@code q_proj}) or longer suffixes
 * @param rankStabilised whether the scale is alpha / √r
 * @param decomposed whether magnitudes are trained apart from directions (DoRA)
 * @param excludeModules names of modules that are not adapted, written alike
 * @param layers numbers of the layers that {@code targetModules} is meant for; empty for all
 * @param rankPattern ranks of single modules; the first key that matches counts
 * @param alphaPattern alphas of single modules, likewise
 * @param modulesToSave names of modules that are trained in full and stored with the adapter
 * @param bias which biases are trained and stored, too
 * @param trainedTokens tokens whose rows of an embedding or a head are trained, by the last part of
 *     the module's name
 * @param ensuresWeightTying whether a head that is tied to such an embedding stays tied
 * @see <a href="https://huggingface.co/docs/peft/package_reference/lora">PEFT, LoraConfig</a>
 */
public record PeftConfig(
    @Nullable String baseModel,
    int rank,
    double alpha,
    double dropout,
    List<String> targetModules,
    boolean rankStabilised,
    boolean decomposed,
    List<String> excludeModules,
    List<Integer> layers,
    Map<String, Integer> rankPattern,
    Map<String, Double> alphaPattern,
    List<String> modulesToSave,
    PeftBias bias,
    Map<String, List<Integer>> trainedTokens,
    boolean ensuresWeightTying) {

  /**
   * @throws IllegalArgumentException if a number is out of its range or nothing is adapted
   */
  public PeftConfig {
    targetModules = targetModules.stream().sorted().distinct().toList();
    excludeModules = excludeModules.stream().sorted().distinct().toList();
    layers = List.copyOf(layers);
    modulesToSave = List.copyOf(modulesToSave);
    trainedTokens = Collections.unmodifiableMap(new TreeMap<>(trainedTokens));
    // Copies that keep the order of the keys, which counts.
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    if (rank < 1 || rankPattern.values().stream().anyMatch(r -> r < 1)) {
      throw new IllegalArgumentException("r must be at least 1, is " + rank + rankPattern);
    }
    if (!positive(alpha) || !alphaPattern.values().stream().allMatch(PeftConfig::positive)) {
      throw new IllegalArgumentException("lora_alpha must be positive, is " + alpha + alphaPattern);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("lora_dropout must be in [0, 1), is " + dropout);
    }
    if (targetModules.isEmpty()) {
      throw new IllegalArgumentException("target_modules is empty");
    }
  }

  /** One shape of adapter on the targeted modules of every layer. */
  public PeftConfig(
      @Nullable String baseModel,
      int rank,
      double alpha,
      double dropout,
      List<String> targetModules,
      boolean rankStabilised) {
    this(
        baseModel,
        rank,
        alpha,
        dropout,
        targetModules,
        rankStabilised,
        false,
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        List.of(),
        PeftBias.NONE,
        Map.of(),
        false);
  }

  private static boolean positive(double value) {
    return value > 0 && !Double.isInfinite(value);
  }

  /**
   * The inner dimension of a module's adapter.
   *
   * @param module its path in the base model
   */
  public int rankOf(String module) {
    return ofPattern(rankPattern, module, rank);
  }

  /** The scale's numerator of a module. */
  public double alphaOf(String module) {
    return ofPattern(alphaPattern, module, alpha);
  }

  /** The factor of B A x of a module. */
  public double scaleOf(String module) {
    int r = rankOf(module);
    return alphaOf(module) / (rankStabilised ? Math.sqrt(r) : r);
  }

  /** A key is a regular expression of a whole path or of its end behind a dot. */
  private static <T> T ofPattern(Map<String, T> pattern, String module, T fallback) {
    return pattern.entrySet().stream()
        .filter(e -> Pattern.matches("(?:.*\\.)?(?:" + e.getKey() + ")", module))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(fallback);
  }

  /** How many rows of a module's weight a tensor holds; none for another tensor. */
  OptionalInt rowsOf(String tensor) {
    return trainedTokens.entrySet().stream()
        .filter(e -> tensor.endsWith("." + e.getKey() + PeftAdapter.TRAINED_ROWS))
        .mapToInt(e -> e.getValue().size())
        .findFirst();
  }

  /** Whether a tensor is a trained bias or of a module that is trained in full. */
  boolean saves(String tensor) {
    return bias.saves(tensor)
        || modulesToSave.stream()
            .anyMatch(module ->
                tensor.endsWith("." + module + ".weight")
                    || tensor.endsWith("." + module + ".bias"))
        || (ensuresWeightTying && tensor.equals(PeftAdapter.NAME_PREFIX + "lm_head.weight"));
  }
}
