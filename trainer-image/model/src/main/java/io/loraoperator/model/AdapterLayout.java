package io.loraoperator.model;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.Projection;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which tensors are trained, under which of PEFT's names, and where they lie in the flat tensors of
 * {@link AdapterParameters}. The A of modules that share an input lie together as one matrix.
 */
final class AdapterLayout {

  static final String A = ".lora_A.weight";
  static final String B = ".lora_B.weight";
  static final String EMBEDDING_A = ".lora_embedding_A";
  static final String EMBEDDING_B = ".lora_embedding_B";
  static final String MAGNITUDE = ".lora_magnitude_vector";
  static final String WEIGHT = ".weight";
  static final String ROWS = ".token_adapter.trainable_tokens_delta";
  private static final String BIAS = ".bias";
  private static final String PREFIX = "base_model.model.";

  /**
   * Where one tensor lies in the flat ones.
   *
   * @param shape of one dimension or of two
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity
  record Parameter(String name, long offset, long... shape) {
    long elements() {
      return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }
  }

  private final Map<String, LoraShape> shapes;
  private final Map<String, List<Integer>> tokens;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final long decayed;
  private final String tiedHead;
  private long elements;

  AdapterLayout(LoraConfig config, Architecture architecture) {
    this.shapes = config.resolve(architecture);
    this.tokens = config.trainedTokens(architecture);
    String embedding = architecture.embedding().module();
    LoraShape shape = shapes.get(embedding);
    if (shape != null) {
      add(PREFIX + embedding + EMBEDDING_A, shape.rank(), architecture.vocabularySize());
      add(PREFIX + embedding + EMBEDDING_B, architecture.embedding().width(), shape.rank());
    }
    for (Projection projection : architecture.projections()) {
      addPairs(projection);
      if (config.variant() == LoraVariant.DORA) {
        adapted(projection)
            .forEach(member -> add(name(projection, member, MAGNITUDE), member.outputs()));
      }
    }
    addPairs(architecture.headProjection());
    for (String module : config.trainedModules(architecture)) {
      add(PREFIX + module + WEIGHT, architecture.vocabularySize(), width(architecture, module));
    }
    for (Map.Entry<String, List<Integer>> rows : tokens.entrySet()) {
      add(
          PREFIX + rows.getKey() + ROWS,
          rows.getValue().size(),
          width(architecture, rows.getKey()));
    }
    // Last of all, because weights decay and biases do not.
    decayed = elements;
    Map<String, long[]> tensors = architecture.tensors();
    for (String module : config.trainedBiases(architecture)) {
      add(biasName(module), Objects.requireNonNull(tensors.get(module + BIAS)));
    }
    // PEFT stores a tied head beside the embedding.
    tiedHead = architecture.head().tied() ? PREFIX + architecture.head().path() + WEIGHT : "";
  }

  private void addPairs(Projection projection) {
    for (Projection.Member member : adapted(projection)) {
      add(name(projection, member, A), shape(projection, member).rank(), projection.inputs());
    }
    for (Projection.Member member : adapted(projection)) {
      add(name(projection, member, B), member.outputs(), shape(projection, member).rank());
    }
  }

  private void add(String name, long... shape) {
    var parameter = new Parameter(name, elements, shape);
    parameters.put(name, parameter);
    elements += parameter.elements();
  }

  private static int width(Architecture architecture, String module) {
    return module.equals(architecture.embedding().module())
        ? architecture.embedding().width()
        : architecture.head().width();
  }

  /** PEFT's name: what it wraps lies a level deeper. */
  private String biasName(String module) {
    return PREFIX + module + (shapes.containsKey(module) ? ".base_layer" : "") + BIAS;
  }

  private static String name(Projection projection, Projection.Member member, String suffix) {
    return PREFIX + projection.path(member) + suffix;
  }

  /** All of them, by name. */
  Map<String, Parameter> parameters() {
    return parameters;
  }

  /** Of all of them together. */
  long elements() {
    return elements;
  }

  /** Elements before the biases, which do not decay. */
  long decayed() {
    return decayed;
  }

  /** What PEFT calls the head that is tied to the embedding; empty without one. */
  String tiedHead() {
    return tiedHead;
  }

  /** The tokens whose rows of a module are trained while the others are not; none without. */
  List<Integer> tokens(String module) {
    return tokens.getOrDefault(module, List.of());
  }

  /** Whether a module has a tensor of a kind. */
  boolean has(String module, String suffix) {
    return parameters.containsKey(PREFIX + module + suffix);
  }

  /** Whether a module's bias is trained. */
  boolean trainsBias(String module) {
    return parameters.containsKey(biasName(module));
  }

  /** A module's tensor of a kind. */
  Parameter parameter(String module, String suffix) {
    return named(PREFIX + module + suffix);
  }

  /** A module's bias. */
  Parameter bias(String module) {
    return named(biasName(module));
  }

  private Parameter named(String name) {
    Parameter p = parameters.get(name);
    if (p == null) {
      throw new IllegalStateException(name + " is not trained");
    }
    return p;
  }

  /** The members of a projection that have adapters. */
  List<Projection.Member> adapted(Projection projection) {
    return projection.members().stream()
        .filter(m -> shapes.containsKey(projection.path(m)))
        .toList();
  }

  /** Rank and scaling of an adapted member. */
  LoraShape shape(Projection projection, Projection.Member member) {
    return shape(projection.path(member));
  }

  /** Rank and scaling of an adapted module. */
  LoraShape shape(String module) {
    LoraShape shape = shapes.get(module);
    if (shape == null) {
      throw new IllegalStateException("no adapter on " + module);
    }
    return shape;
  }

  /** The ranks of a projection's adapters together. */
  int room(Projection projection) {
    return adapted(projection).stream().mapToInt(m -> shape(projection, m).rank()).sum();
  }
}
