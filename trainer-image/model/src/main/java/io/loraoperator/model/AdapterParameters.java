package io.loraoperator.model;

import io.loraoperator.model.AdapterLayout.Parameter;
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

/**
 * All adapter weights and their gradients, float32, each in one flat tensor: the optimizer is one
 * call.
 */
final class AdapterParameters {

  private final LoraConfig config;
  private final AdapterLayout layout;
  private final List<String> targets;
  private final TensorScope scope;
  private final Tensor values;
  private final Tensor gradients;
  private final List<Tensor> gradientViews = new ArrayList<>();

  /**
   * Lays out the adapters of the targeted modules and draws A, or B of an embedding; the other one
   * is zero.
   */
  AdapterParameters(TensorScope scope, LoraConfig config, Architecture architecture) {
    this.scope = scope;
    this.config = config;
    this.layout = new AdapterLayout(config, architecture);
    this.targets = config.resolvedTargets(architecture);
    values = scope.own(Tensor.zeros(DType.FLOAT32, layout.elements()));
    gradients = scope.own(Tensor.zeros(DType.FLOAT32, layout.elements()));
    for (Parameter p : layout.parameters().values()) {
      gradientViews.add(vector(gradients, p));
      initialise(p);
    }
  }

  /**
   * As PEFT: A Kaiming uniform with a = sqrt(5), that is within 1 / sqrt(inputs); the embedding's B
   * normal.
   */
  private void initialise(Parameter p) {
    boolean uniform = p.name().endsWith(AdapterLayout.A);
    if (!uniform && !p.name().endsWith(AdapterLayout.EMBEDDING_B)) {
      return;
    }
    float[] drawn = new float[Math.toIntExact(p.elements())];
    long key = CounterRandom.key(config.initSeed(), p.name().hashCode());
    if (uniform) {
      CounterRandom.fillUniform(drawn, 1 / Math.sqrt((double) p.shape()[1]), key);
    } else {
      CounterRandom.fillNormal(drawn, key);
    }
    write(values, p, MemorySegment.ofArray(drawn));
  }

  LoraConfig config() {
    return config;
  }

  /** Which tensors there are. */
  AdapterLayout layout() {
    return layout;
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

  /** Whether a module is trained in full. */
  boolean isTrained(String module) {
    return layout.has(module, AdapterLayout.WEIGHT);
  }

  /** The weight of a module that is trained in full, or its gradient. */
  Tensor whole(Tensor flat, String module) {
    return matrix(flat, module, AdapterLayout.WEIGHT);
  }

  /** The trained rows of a module's weight, or their gradient. */
  Tensor rows(Tensor flat, String module) {
    return matrix(flat, module, AdapterLayout.ROWS);
  }

  /** The bias of a module, or its gradient. */
  Tensor bias(Tensor flat, String module) {
    return vector(flat, layout.bias(module));
  }

  /** The A of all adapted members, one below the other: [ranks, inputs]. */
  Tensor aView(Tensor flat, Projection projection) {
    String first = projection.path(layout.adapted(projection).getFirst());
    return view(
        flat,
        layout.parameter(first, AdapterLayout.A).offset(),
        layout.room(projection),
        projection.inputs());
  }

  /** The B of a member: [outputs, rank]. */
  Tensor bView(Tensor flat, Projection projection, Projection.Member member) {
    return matrix(flat, projection.path(member), AdapterLayout.B);
  }

  /** The magnitudes of a member's rows: [outputs]. */
  Tensor magnitude(Tensor flat, Projection projection, Projection.Member member) {
    return vector(flat, layout.parameter(projection.path(member), AdapterLayout.MAGNITUDE));
  }

  /** A module's tensor of a kind. */
  Tensor matrix(Tensor flat, String module, String suffix) {
    Parameter p = layout.parameter(module, suffix);
    return view(flat, p.offset(), p.shape());
  }

  private Tensor view(Tensor flat, long offset, long... shape) {
    return BlockKernels.K.tensor(scope, "matrix_view", flat, offset, shape[0], shape[1]);
  }

  private Tensor vector(Tensor flat, Parameter p) {
    return BlockKernels.K.tensor(scope, "vector_view", flat, p.offset(), p.elements());
  }

  /** Copies of one flat tensor's parts by name. */
  Map<String, HostTensor> read(Tensor flat) {
    Map<String, HostTensor> result = new LinkedHashMap<>();
    MemorySegment all = flat.toHost().data();
    for (Parameter p : layout.parameters().values()) {
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
      if (!layout.parameters().containsKey(name) && !name.equals(layout.tiedHead())) {
        throw new UnsupportedModelException(
            "The adapter has a tensor %s; these adapters are on %s with rank %d."
                .formatted(name, String.join(", ", targets), config.rank()));
      }
    }
    Map<Parameter, MemorySegment> checked = new LinkedHashMap<>();
    for (Parameter p : layout.parameters().values()) {
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
    HostTensor head = tensors.get(layout.tiedHead());
    if (head == null) {
      return;
    }
    boolean tied =
        tensors.entrySet().stream()
            .anyMatch(e ->
                layout.parameters().containsKey(e.getKey())
                    && !e.getKey().equals(layout.tiedHead())
                    && e.getValue().data().mismatch(head.data()) == -1);
    if (!tied) {
      throw new UnsupportedModelException(
          "Tensor %s of the adapter differs from the embedding, which the model ties it to."
              .formatted(layout.tiedHead()));
    }
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
