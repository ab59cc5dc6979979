package io.loraoperator.model;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import io.loraoperator.torch.WeightSource;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A weight source that has been checked to hold exactly what an architecture needs. */
final class ModelWeights {

  static final String EMBEDDING = "model.embed_tokens.weight";
  static final String FINAL_NORM = "model.norm.weight";
  static final String HEAD = "lm_head.weight";

  /** Older checkpoints carry the rotary frequencies, which are a function of the configuration. */
  private static final String ROTARY_BUFFER = ".rotary_emb.inv_freq";

  private final WeightSource source;
  private final DType dtype;

  private ModelWeights(WeightSource source, DType dtype) {
    this.source = source;
    this.dtype = dtype;
  }

  /**
   * Checks names and shapes without reading values.
   *
   * @throws UnsupportedModelException naming the first tensor that is missing, unknown or misshapen
   */
  static ModelWeights check(Architecture architecture, WeightSource source, DType dtype) {
    Map<String, long[]> expected = expected(architecture);
    expected.forEach((name, shape) -> {
      if (!source.names().contains(name)) {
        throw new UnsupportedModelException(
            "The model has no tensor %s, which its config asks for.".formatted(name));
      }
      long[] actual = source.shape(name);
      if (!Arrays.equals(actual, shape)) {
        throw new UnsupportedModelException(
            "Tensor %s has the shape %s; the model's config asks for %s."
                .formatted(name, Arrays.toString(actual), Arrays.toString(shape)));
      }
    });
    for (String name : source.names()) {
      boolean ignored =
          name.endsWith(ROTARY_BUFFER) || (architecture.tiedEmbeddings() && name.equals(HEAD));
      if (!expected.containsKey(name) && !ignored) {
        throw new UnsupportedModelException(
            "The model has a tensor %s that a %s model of its config does not have."
                .formatted(name, architecture.modelType()));
      }
    }
    return new ModelWeights(source, dtype);
  }

  static String inputNorm(int layer) {
    return "model.layers.%d.input_layernorm.weight".formatted(layer);
  }

  static String postAttentionNorm(int layer) {
    return "model.layers.%d.post_attention_layernorm.weight".formatted(layer);
  }

  private static Map<String, long[]> expected(Architecture a) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    long[] matrix = {a.vocabularySize(), a.hiddenSize()};
    long[] vector = {a.hiddenSize()};
    shapes.put(EMBEDDING, matrix);
    for (int layer = 0; layer < a.layers(); layer++) {
      shapes.put(inputNorm(layer), vector);
      for (Projection projection : Projection.ofLayer(a, layer)) {
        for (Projection.Member member : projection.members()) {
          shapes.put(
              projection.path(member) + ".weight",
              new long[] {member.outputs(), projection.inputs()});
        }
      }
      shapes.put(postAttentionNorm(layer), vector);
    }
    shapes.put(FINAL_NORM, vector);
    if (!a.tiedEmbeddings()) {
      shapes.put(HEAD, matrix);
    }
    return shapes;
  }

  /** Number of base weights of an architecture. */
  static long count(Architecture a) {
    return expected(a).values().stream()
        .mapToLong(shape -> Arrays.stream(shape).reduce(1, (x, y) -> x * y))
        .sum();
  }

  DType dtype() {
    return dtype;
  }

  /** An own copy in the model's precision. */
  Tensor read(TensorScope scope, String name) {
    Tensor own = scope.own(Tensor.empty(dtype, source.shape(name)));
    visit(name, values -> BlockKernels.K.run("copy_", own, values));
    return own;
  }

  /** Shows a tensor's values in the model's precision, and lets their memory go at once. */
  void visit(String name, Consumer<Tensor> visitor) {
    try (Arena memory = Arena.ofShared(); // conversions run on several threads
        TensorScope scope = new TensorScope()) {
      HostTensor values = source.read(name, dtype, memory);
      visitor.accept(scope.own(Tensor.wrap(values)));
      if (values.data().isMapped()) {
        values.data().unload(); // the file's pages would count as this process's memory
      }
    }
  }
}
