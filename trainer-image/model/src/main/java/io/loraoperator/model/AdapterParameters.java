package io.loraoperator.model;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.Projection;
import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * All adapter weights and their gradients, float32, each in one flat tensor: the optimizer is one
 * call, and the A of modules that share an input lie together as one matrix.
 */
final class AdapterParameters {

  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";
  private static final String PREFIX = "base_model.model.";
  private static final String MAGNITUDE = ".lora_magnitude_vector";
  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";
  private static final String ROWS = ".token_adapter.trainable_tokens_delta";

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

  private final LoraConfig config;
  private final Map<String, LoraShape> shapes;
  private final long decayed;
  private final List<String> targets;
  private final Map<String, List<Integer>> tokens;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final TensorScope scope;
  private final String tiedHead;
  private final Tensor values;
  private final Tensor gradients;
  private long elements;
  private final List<Tensor> gradientViews = new ArrayList<>();

  /** Lays out the adapters of the targeted modules and draws A; B is zero. */
  AdapterParameters(TensorScope scope, LoraConfig config, Architecture architecture) {
    this.scope = scope;
    this.config = config;
    this.shapes = config.resolve(architecture);
    this.targets = config.resolvedTargets(architecture);
    this.tokens = config.trainedTokens(architecture);
    for (Projection projection : architecture.projections()) {
      for (Projection.Member member : adapted(projection)) {
        String name = name(projection, member, A);
        int rank = shape(projection, member).rank();
        add(name, rank, projection.inputs());
      }
      for (Projection.Member member : adapted(projection)) {
        String name = name(projection, member, B);
        int rank = shape(projection, member).rank();
        add(name, member.outputs(), rank);
      }
      if (config.variant() == LoraVariant.DORA) {
        adapted(projection)
            .forEach(member -> add(name(projection, member, MAGNITUDE), member.outputs()));
      }
    }
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
    values = scope.own(Tensor.zeros(DType.FLOAT32, elements));
    gradients = scope.own(Tensor.zeros(DType.FLOAT32, elements));
    for (Parameter p : parameters.values()) {
      gradientViews.add(vector(gradients, p.offset(), p.elements()));
      if (p.name().endsWith(A)) {
        initialise(p);
      }
    }
  }

  private void add(String name, long... shape) {
    var parameter = new Parameter(name, elements, shape);
    parameters.put(name, parameter);
    elements += parameter.elements();
  }

  /** PEFT's name: what it wraps lies a level deeper. */
  private String biasName(String module) {
    return PREFIX + module + (shapes.containsKey(module) ? ".base_layer" : "") + BIAS;
  }

  private static int width(Architecture architecture, String module) {
    return module.equals(architecture.embedding().module())
        ? architecture.embedding().width()
        : architecture.head().width();
  }

  /** Kaiming uniform with a = sqrt(5), as PEFT: uniform within 1 / sqrt(inputs). */
  private void initialise(Parameter a) {
    float[] drawn = new float[Math.toIntExact(a.elements())];
    CounterRandom.fillUniform(
        drawn,
        1 / Math.sqrt((double) a.shape()[1]),
        CounterRandom.key(config.initSeed(), a.name().hashCode()));
    write(a, MemorySegment.ofArray(drawn));
  }

  LoraConfig config() {
    return config;
  }

  /** Names of the adapted modules within a layer's block. */
  List<String> targets() {
    return targets;
  }

  Tensor values() {
    return values;
  }

  Tensor gradients() {
    return gradients;
  }

  /** The gradient of each parameter, in order. */
  List<Tensor> gradientViews() {
    return gradientViews;
  }

  List<Parameter> parameters() {
    return List.copyOf(parameters.values());
  }

  /** Whether a module is trained in full. */
  boolean isTrained(String module) {
    return parameters.containsKey(PREFIX + module + WEIGHT);
  }

  /** The tokens whose rows of a module are trained while the others are not; none without. */
  List<Integer> tokens(String module) {
    return tokens.getOrDefault(module, List.of());
  }

  /** The weight of a module that is trained in full, or its gradient. */
  Tensor whole(Tensor flat, String module) {
    return matrix(flat, module, WEIGHT);
  }

  /** The trained rows of a module's weight, or their gradient. */
  Tensor rows(Tensor flat, String module) {
    return matrix(flat, module, ROWS);
  }

  private Tensor matrix(Tensor flat, String module, String suffix) {
    Parameter p = parameters.get(PREFIX + module + suffix);
    if (p == null) {
      throw new IllegalStateException(module + " is not trained");
    }
    return view(flat, p.offset(), p.shape());
  }

  /** Whether a module's bias is trained. */
  boolean trainsBias(String module) {
    return parameters.containsKey(biasName(module));
  }

  /** The bias of a module, or its gradient. */
  Tensor bias(Tensor flat, String module) {
    Parameter p = parameters.get(biasName(module));
    if (p == null) {
      throw new IllegalStateException("the bias of " + module + " is not trained");
    }
    return vector(flat, p.offset(), p.elements());
  }

  /** The members of a projection that have adapters. */
  List<Projection.Member> adapted(Projection projection) {
    return projection.members().stream()
        .filter(m -> shapes.containsKey(projection.path(m)))
        .toList();
  }

  /** Rank and scaling of an adapted member. */
  LoraShape shape(Projection projection, Projection.Member member) {
    LoraShape shape = shapes.get(projection.path(member));
    if (shape == null) {
      throw new IllegalStateException("no adapter on " + projection.path(member));
    }
    return shape;
  }

  /** The ranks of a projection's adapters together. */
  int room(Projection projection) {
    return adapted(projection).stream().mapToInt(m -> shape(projection, m).rank()).sum();
  }

  /** The A of all adapted members, one below the other: [ranks, inputs]. */
  Tensor aView(Tensor flat, Projection projection) {
    List<Projection.Member> members = adapted(projection);
    return view(
        flat,
        parameter(projection, members.getFirst(), A).offset(),
        room(projection),
        projection.inputs());
  }

  /** The B of a member: [outputs, rank]. */
  Tensor bView(Tensor flat, Projection projection, Projection.Member member) {
    Parameter b = parameter(projection, member, B);
    return view(flat, b.offset(), b.shape());
  }

  /** The magnitudes of a member's rows: [outputs]. */
  Tensor magnitude(Tensor flat, Projection projection, Projection.Member member) {
    Parameter m = parameter(projection, member, MAGNITUDE);
    return vector(flat, m.offset(), m.elements());
  }

  private Parameter parameter(Projection projection, Projection.Member member, String suffix) {
    Parameter p = parameters.get(name(projection, member, suffix));
    if (p == null) {
      throw new IllegalStateException("no adapter on " + projection.path(member));
    }
    return p;
  }

  private static String name(Projection projection, Projection.Member member, String suffix) {
    return PREFIX + projection.path(member) + suffix;
  }

  /** Elements before the biases, which do not decay. */
  long decayed() {
    return decayed;
  }

  private Tensor view(Tensor flat, long offset, long... shape) {
    return BlockKernels.K.tensor(scope, "matrix_view", flat, offset, shape[0], shape[1]);
  }

  private Tensor vector(Tensor flat, long offset, long length) {
    return BlockKernels.K.tensor(scope, "vector_view", flat, offset, length);
  }

  /** Copies of one flat tensor's parts by name. */
  Map<String, HostTensor> read(Tensor flat) {
    Map<String, HostTensor> result = new LinkedHashMap<>();
    MemorySegment all = flat.toHost().data();
    for (Parameter p : parameters.values()) {
      result.put(p.name(), new HostTensor(DType.FLOAT32, p.shape(), slice(all, p)));
    }
    return result;
  }

  /**
   * Overwrites a flat tensor's parts.
   *
   * @throws UnsupportedModelException if the names or shapes are not exactly those of the adapters
   */
  void write(Tensor flat, Map<String, HostTensor> tensors) {
    for (String name : tensors.keySet()) {
      if (!parameters.containsKey(name) && !name.equals(tiedHead)) {
        throw new UnsupportedModelException(
            "The adapter has a tensor %s; these adapters are on %s with rank %d."
                .formatted(name, String.join(", ", targets), config.rank()));
      }
    }
    Map<Parameter, MemorySegment> checked = new LinkedHashMap<>();
    for (Parameter p : parameters.values()) {
      HostTensor tensor = tensors.get(p.name());
      if (tensor == null) {
        throw new UnsupportedModelException("The adapter has no tensor %s.".formatted(p.name()));
      }
      if (tensor.dtype() != DType.FLOAT32 || !Arrays.equals(tensor.shape(), p.shape())) {
        throw new UnsupportedModelException(
            "Tensor %s of the adapter is %s%s; expected FLOAT32%s."
                .formatted(
                    p.name(),
                    tensor.dtype(),
                    Arrays.toString(tensor.shape()),
                    Arrays.toString(p.shape())));
      }
      checked.put(p, tensor.data());
    }
    requireTied(tensors);
    checked.forEach((p, data) -> write(flat, p, data));
  }

  /** A head that is tied here must not have gone its own way. */
  private void requireTied(Map<String, HostTensor> tensors) {
    HostTensor head = tensors.get(tiedHead);
    if (head == null) {
      return;
    }
    boolean tied =
        tensors.entrySet().stream()
            .anyMatch(e ->
                parameters.containsKey(e.getKey())
                    && !e.getKey().equals(tiedHead)
                    && e.getValue().data().mismatch(head.data()) == -1);
    if (!tied) {
      throw new UnsupportedModelException(
          "Tensor %s of the adapter differs from the embedding, which the model ties it to."
              .formatted(tiedHead));
    }
  }

  private void write(Parameter p, MemorySegment data) {
    write(values, p, data);
  }

  private void write(Tensor flat, Parameter p, MemorySegment data) {
    try (TensorScope temporary = new TensorScope()) {
      BlockKernels.K.tensor(temporary, "vector_view", flat, p.offset(), p.elements())
          .copyFrom(data);
    }
  }

  private static MemorySegment slice(MemorySegment all, Parameter p) {
    return all.asSlice(p.offset() * Float.BYTES, p.elements() * Float.BYTES);
  }
}
