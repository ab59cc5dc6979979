package io.loraoperator.model;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.Projection;
import io.loraoperator.model.architecture.UnsupportedAdapterException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank adapters: y = W x + s B A dropout(x). Which modules get one, and of which shape, follows
 * PEFT's {@code LoraConfig}.
 *
 * @param rank rows of A and columns of B
 * @param alpha numerator of the scaling s
 * @param dropout probability with which an input of A is zeroed in training, in [0, 1)
 * @param targetModules names of linear modules, matched as a whole or after a dot ({@code q_proj});
 *     or {@value #ALL_LINEAR} alone for every linear module but the head
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

  private static final String BIAS = ".bias";

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
    checkNames(architecture);
    List<String> adapted = new ArrayList<>();
    for (Projection projection : architecture.projections()) {
      boolean inRange = layers == null || layers.contains(projection.layer());
      projection.members().stream()
          .map(projection::path)
          .filter(module -> isAdapted(module, inRange))
          .forEach(adapted::add);
    }
    if (adapted.isEmpty()) {
      throw new UnsupportedAdapterException(
          "targetModules", "excludeModules and layers leave none of these modules to adapt.");
    }
    var ranks = new ModulePatterns("rankPattern", rankPattern);
    var alphas = new ModulePatterns("alphaPattern", alphaPattern);
    ranks.mustMatch(adapted);
    alphas.mustMatch(adapted);
    Map<String, LoraShape> shapes = new LinkedHashMap<>();
    for (String module : adapted) {
      int moduleRank = (int) ranks.of(module, rank);
      shapes.put(
          module, new LoraShape(moduleRank, variant.scaling(alphas.of(module, alpha), moduleRank)));
    }
    return shapes;
  }

  /**
   * The paths of the modules that are trained in full: the embedding, the head, or both. A head
   * that is tied to the embedding is the embedding.
   *
   * @throws UnsupportedAdapterException if a name is of neither
   */
  public List<String> trainedModules(Architecture architecture) {
    String embedding = architecture.embedding().module();
    String head = architecture.head().path();
    Set<String> trained = new LinkedHashSet<>();
    for (String name : modulesToSave) {
      if (matches(embedding, name)) {
        trained.add(embedding);
      } else if (matches(head, name)) {
        trained.add(architecture.head().tied() ? embedding : head);
      } else {
        throw new UnsupportedAdapterException(
            "modulesToSave",
            "%s is neither %s nor %s, which can be trained in full."
                .formatted(name, embedding, head));
      }
    }
    return trained.stream().sorted().toList();
  }

  /**
   * The paths of the modules whose bias is trained, in the architecture's order. A head that is
   * trained in full is among them if it has a bias.
   *
   * @throws UnsupportedAdapterException as {@link #resolve} and {@link #trainedModules}
   */
  public List<String> trainedBiases(Architecture architecture) {
    Set<String> adapted = resolve(architecture).keySet();
    List<String> whole = trainedModules(architecture);
    return architecture.tensors().keySet().stream()
        .filter(name -> name.endsWith(BIAS))
        .map(name -> name.substring(0, name.length() - BIAS.length()))
        .filter(module ->
            whole.contains(module)
                || switch (bias) {
                  case NONE -> false;
                  case ALL -> true;
                  case LORA_ONLY -> adapted.contains(module);
                })
        .toList();
  }

  /**
   * The tokens whose rows are trained, by the paths of the embedding and the head. A head that is
   * tied to the embedding is the embedding.
   *
   * @throws UnsupportedAdapterException if a name is of neither, a module is trained in full as
   *     well, a token is not of the vocabulary, or a tied head has tokens of its own
   */
  public Map<String, List<Integer>> trainedTokens(Architecture architecture) {
    String embedding = architecture.embedding().module();
    String head = architecture.head().path();
    List<String> whole = trainedModules(architecture);
    Map<String, List<Integer>> tokens = new TreeMap<>();
    trainedTokens.forEach((name, ids) -> {
      if (!matches(embedding, name) && !matches(head, name)) {
        throw tokensRefused("%s is neither %s nor %s.".formatted(name, embedding, head));
      }
      boolean tied = architecture.head().tied() || matches(embedding, name);
      String module = tied ? embedding : head;
      if (whole.contains(module)) {
        throw tokensRefused("%s is trained in full as well.".formatted(name));
      }
      if (!tied && architecture.head().bias()) {
        throw tokensRefused(
            "%s has a bias, which PEFT leaves out where it trains single rows.".formatted(name));
      }
      for (int id : ids) {
        if (id < 0 || id >= architecture.vocabularySize()) {
          throw tokensRefused(
              "The model has %d tokens, and none has the id %d."
                  .formatted(architecture.vocabularySize(), id));
        }
      }
      if (!ids.isEmpty() && !ids.equals(tokens.getOrDefault(module, ids))) {
        throw tokensRefused("%s and %s are tied.".formatted(embedding, head));
      }
      if (!ids.isEmpty()) {
        tokens.put(module, List.copyOf(ids));
      }
    });
    return tokens;
  }

  private static UnsupportedAdapterException tokensRefused(String problem) {
    return new UnsupportedAdapterException("trainedTokens", problem);
  }

  /**
   * The modules of an architecture that get adapters, in its order, as names within a layer's block
   * ({@code q_proj}); with what they belong to where the name alone would mean others, too ({@code
   * mlp.c_proj}).
   *
   * @throws UnsupportedAdapterException as {@link #resolve}
   */
  public List<String> resolvedTargets(Architecture architecture) {
    return names(architecture, resolve(architecture).keySet());
  }

  private static List<String> names(Architecture architecture, Collection<String> adapted) {
    Set<String> chosen = new LinkedHashSet<>();
    for (Projection projection : architecture.projections()) {
      for (Projection.Member member : projection.members()) {
        if (adapted.contains(projection.path(member))) {
          chosen.add(member.module());
        }
      }
    }
    return chosen.stream()
        .map(module ->
            architecture.linearModules().stream()
                    .filter(m -> lastPart(m).equals(lastPart(module)))
                    .allMatch(chosen::contains)
                ? lastPart(module)
                : module)
        .distinct()
        .toList();
  }

  private void checkNames(Architecture architecture) {
    List<String> modules =
        architecture.projections().stream()
            .flatMap(p -> p.members().stream().map(p::path))
            .toList();
    if (!isAllLinear()) {
      targetModules.forEach(name -> checkName(architecture, modules, "targetModules", name));
    }
    excludeModules.forEach(name -> checkName(architecture, modules, "excludeModules", name));
    int count = architecture.layers();
    if (layers != null && layers.to() > count) {
      throw new UnsupportedAdapterException(
          "layers",
          "The range goes to layer %d, and the model has %d layers, counted from 0."
              .formatted(layers.to(), count));
    }
  }

  private static void checkName(
      Architecture architecture, List<String> modules, String field, String name) {
    if (modules.stream().noneMatch(m -> matches(m, name))) {
      throw new UnsupportedAdapterException(
          field,
          "No linear module of a %s model is called %s; it has %s."
              .formatted(
                  architecture.modelType(),
                  name,
                  String.join(
                      ", ",
                      architecture.linearModules().stream()
                          .map(LoraConfig::lastPart)
                          .distinct()
                          .toList())));
    }
  }

  private boolean isAllLinear() {
    return targetModules.equals(List.of(ALL_LINEAR));
  }

  /** As in PEFT a target that is a whole path holds whatever the layers are. */
  private boolean isAdapted(String module, boolean inRange) {
    boolean targeted =
        targetModules.contains(module)
            || (inRange
                && (isAllLinear() || targetModules.stream().anyMatch(t -> matches(module, t))));
    return targeted && excludeModules.stream().noneMatch(e -> matches(module, e));
  }

  private static boolean matches(String module, String name) {
    return module.equals(name) || module.endsWith("." + name);
  }

  private static String lastPart(String module) {
    return module.substring(module.lastIndexOf('.') + 1);
  }
}
