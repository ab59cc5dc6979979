package io.loraoperator.model;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.UnsupportedAdapterException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank adapters: y = W x + s B A dropout(x). Which modules get one, and of which shape, follows
 * PEFT's {@code LoraConfig}.
 *
 * @param rank rows of A and columns of B
 * @param alpha numerator of the scaling s
 * @param dropout probability with which an input of A is zeroed in training, in [0, 1)
 * @param targetModules names of linear modules, of the embedding or of the head, matched as a whole
 *     or after a dot ({@code q_proj}); or {@value #ALL_LINEAR} alone for every linear module but
 *     the head
 * @param excludeModules names of modules that get no adapter, matched alike
 * @param layers the layers whose modules get one; null for all
 * @param rankPattern ranks of single modules, by regular expressions of their paths or their ends
 * @param alphaPattern alphas of single modules, by the same
 * @param modulesToSave {@code embed_tokens} and {@code lm_head}, trained in full; in a model that
 *     ties them either name stands for both
 * @param bias the biases that are trained, too
 * @param trainedTokens tokens whose rows of {@code embed_tokens} or {@code lm_head} are trained
 *     while the others stay, by those names
 * @param variant how s follows from alpha and rank
 * @param initSeed seed of A's initial values
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al., 2021</a>
 * @see <a href="https://huggingface.co/docs/peft/package_reference/lora">PEFT, LoraConfig</a>
 */
public record LoraConfig(
    int rank,
    double alpha,
    double dropout,
    List<String> targetModules,
    List<String> excludeModules,
    @Nullable LayerRange layers,
    Map<String, Integer> rankPattern,
    Map<String, Double> alphaPattern,
    List<String> modulesToSave,
    BiasMode bias,
    Map<String, List<Integer>> trainedTokens,
    LoraVariant variant,
    long initSeed) {

  /** The target that stands for every linear module but the head. */
  public static final String ALL_LINEAR = "all-linear";

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public LoraConfig {
    targetModules = List.copyOf(targetModules);
    excludeModules = List.copyOf(excludeModules);
    modulesToSave = List.copyOf(modulesToSave);
    trainedTokens = Collections.unmodifiableMap(new TreeMap<>(trainedTokens));
    // In one order of the keys, so that the same adapter is described in the same bytes.
    rankPattern = Collections.unmodifiableMap(new TreeMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new TreeMap<>(alphaPattern));
    if (rank < 1 || rankPattern.values().stream().anyMatch(r -> r < 1)) {
      throw new IllegalArgumentException("rank must be at least 1, got " + rank + rankPattern);
    }
    if (!positive(alpha) || !alphaPattern.values().stream().allMatch(LoraConfig::positive)) {
      throw new IllegalArgumentException("alpha must be positive, got " + alpha + alphaPattern);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be in [0, 1), got " + dropout);
    }
    if (targetModules.isEmpty()) {
      throw new IllegalArgumentException("targetModules must name at least one module");
    }
  }

  /** The same adapter on every module that is targeted, in every layer. */
  public LoraConfig(
      int rank, double alpha, double dropout, List<String> targetModules, long initSeed) {
    this(
        rank,
        alpha,
        dropout,
        targetModules,
        List.of(),
        null,
        Map.of(),
        Map.of(),
        List.of(),
        BiasMode.NONE,
        Map.of(),
        LoraVariant.STANDARD,
        initSeed);
  }

  /** The same with tokens whose rows are trained. */
  public LoraConfig withTrainedTokens(Map<String, List<Integer>> tokens) {
    return new LoraConfig(
        rank,
        alpha,
        dropout,
        targetModules,
        excludeModules,
        layers,
        rankPattern,
        alphaPattern,
        modulesToSave,
        bias,
        tokens,
        variant,
        initSeed);
  }

  private static boolean positive(double value) {
    return value > 0 && !Double.isInfinite(value);
  }

  /**
   * The modules of an architecture that get adapters, by their paths, in its order.
   *
   * @throws UnsupportedAdapterException naming what matches no module, a layer that the
   *     architecture does not have, or that nothing is left to adapt
   */
  public Map<String, LoraShape> resolve(Architecture architecture) {
    return new AdaptedModules(this, architecture).shapes();
  }

  /**
   * The modules of an architecture that get adapters, in its order, as names within a layer's block
   * ({@code q_proj}); with what they belong to where the name alone would mean others, too ({@code
   * mlp.c_proj}).
   *
   * @throws UnsupportedAdapterException as {@link #resolve}
   */
  public List<String> resolvedTargets(Architecture architecture) {
    return new AdaptedModules(this, architecture).names();
  }

  /**
   * The paths of the modules that are trained in full: the embedding, the head, or both. A head
   * that is tied to the embedding is the embedding.
   *
   * @throws UnsupportedAdapterException if a name is of neither, or a module gets an adapter as
   *     well
   */
  public List<String> trainedModules(Architecture architecture) {
    return new TrainedModules(this, architecture).whole();
  }

  /**
   * The paths of the modules whose bias is trained, in the architecture's order. A head that is
   * trained in full is among them if it has a bias.
   *
   * @throws UnsupportedAdapterException as {@link #resolve} and {@link #trainedModules}
   */
  public List<String> trainedBiases(Architecture architecture) {
    return new TrainedModules(this, architecture).biases();
  }

  /**
   * The tokens whose rows are trained, by the paths of the embedding and the head. A head that is
   * tied to the embedding is the embedding.
   *
   * @throws UnsupportedAdapterException if a name is of neither, a module is trained in full or
   *     gets an adapter as well, a token is not of the vocabulary, or a tied head has tokens of its
   *     own
   */
  public Map<String, List<Integer>> trainedTokens(Architecture architecture) {
    return new TrainedModules(this, architecture).tokens();
  }

  static boolean matches(String module, String name) {
    return module.equals(name) || module.endsWith("." + name);
  }
}
