package io.loraoperator.model;

import static java.util.stream.Collectors.toSet;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import io.loraoperator.torch.WeightSource;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A weight source that has been checked to hold exactly what an architecture needs. */
final class ModelWeights {

  private final WeightSource source;
  private final DType dtype;
  private final String missingRoot;
  private final @Nullable DequantizationBuffer buffer;

  private ModelWeights(
      WeightSource source, DType dtype, String missingRoot, @Nullable DequantizationBuffer buffer) {
    this.source = source;
    this.dtype = dtype;
    this.missingRoot = missingRoot;
    this.buffer = buffer;
  }

  /** The same weights, the linear ones of which are to be quantised. */
  ModelWeights quantized(DequantizationBuffer with) {
    return new ModelWeights(source, dtype, missingRoot, with);
  }

  /** What linear weights are quantised with; null where they stay as they are. */
  @Nullable DequantizationBuffer buffer() {
    return buffer;
  }

  /**
   * Checks names and shapes without reading values. A checkpoint of the decoder alone, whose names
   * lack the architecture's root, is as good.
   *
   * @throws UnsupportedModelException naming the first tensor that is missing, unknown or misshapen
   */
  static ModelWeights check(Architecture architecture, WeightSource source, DType dtype) {
    String root = architecture.root();
    boolean rooted = source.names().stream().anyMatch(name -> name.startsWith(root));
    var weights = new ModelWeights(source, dtype, rooted ? "" : root, null);
    Map<String, long[]> expected = architecture.tensors();
    expected.forEach((name, shape) -> {
      String stored = weights.stored(name);
      if (!source.names().contains(stored)) {
        throw new UnsupportedModelException(
            "The model has no tensor %s, which its config asks for.".formatted(stored));
      }
      long[] actual = source.shape(stored);
      if (!Arrays.equals(actual, shape)) {
        throw new UnsupportedModelException(
            "Tensor %s has the shape %s; the model's config asks for %s."
                .formatted(stored, Arrays.toString(actual), Arrays.toString(shape)));
      }
    });
    Set<String> known = expected.keySet().stream().map(weights::stored).collect(toSet());
    for (String name : source.names()) {
      if (!known.contains(name) && !architecture.mayHave(name)) {
        throw new UnsupportedModelException(
            "The model has a tensor %s that a %s model of its config does not have."
                .formatted(name, architecture.modelType()));
      }
    }
    return weights;
  }

  /** The name that a tensor has in the checkpoint. */
  private String stored(String name) {
    return name.startsWith(missingRoot) ? name.substring(missingRoot.length()) : name;
  }

  /** Number of base weights of an architecture. */
  static long count(Architecture a) {
    return a.tensors().values().stream()
        .mapToLong(shape -> Arrays.stream(shape).reduce(1, (x, y) -> x * y))
        .sum();
  }

  DType dtype() {
    return dtype;
  }

  /** A tensor's dimensions. */
  long[] shape(String name) {
    return source.shape(stored(name));
  }

  /** An own copy in the model's precision. */
  Tensor read(TensorScope scope, String name) {
    return read(scope, name, dtype);
  }

  /** An own copy in a precision. */
  Tensor read(TensorScope scope, String name, DType as) {
    Tensor own = scope.own(Tensor.empty(as, shape(name)));
    visit(name, as, own::copyFrom);
    return own;
  }

  /** Shows a tensor's values in the model's precision, and lets their memory go at once. */
  void visit(String name, Consumer<Tensor> visitor) {
    visit(name, dtype, visitor);
  }

  /** The same in a precision. */
  void visit(String name, DType as, Consumer<Tensor> visitor) {
    try (Arena memory = Arena.ofShared(); // conversions run on several threads
        TensorScope scope = new TensorScope()) {
      HostTensor values = source.read(stored(name), as, memory);
      visitor.accept(scope.own(Tensor.wrap(values)));
      if (values.data().isMapped()) {
        values.data().unload(); // the file's pages would count as this process's memory
      }
    }
  }
}
