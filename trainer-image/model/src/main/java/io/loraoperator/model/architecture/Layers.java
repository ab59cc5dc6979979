package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Heads;
import io.loraoperator.model.architecture.AttentionShape.Scores;
import io.loraoperator.model.architecture.BlockShape.Placement;
import io.loraoperator.model.architecture.Projection.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * Modules of a decoder with layer norms, under the names that a family gives them.
 *
 * @param path of the layers, each followed by its index ({@code transformer.h.})
 * @param hidden channels of the residual stream
 * @param epsilon of all norms
 * @param transposed whether weights are stored as [inputs, outputs]
 */
record Layers(String path, int count, int hidden, double epsilon, boolean transposed) {

  NormShape norm(int layer, String name) {
    return NormShape.layer(path + layer + "." + name, hidden, epsilon);
  }

  Projection projection(int layer, int inputs, boolean bias, Member... members) {
    return new Projection(layer, path + layer, inputs, List.of(members), bias, transposed);
  }

  /** A linear map back to the residual stream. */
  Projection output(int layer, int inputs, boolean bias, String module) {
    return projection(layer, inputs, bias, new Member(module, hidden));
  }

  /** Attention, then MLP, each with a norm of its own before or after it. */
  List<BlockShape> serial(
      Placement placement,
      AttentionShape attention,
      String attentionNorm,
      MlpShape mlp,
      String mlpNorm) {
    int layer = attention.layer();
    return List.of(
        new BlockShape.Residual(placement, norm(layer, attentionNorm), attention, null),
        new BlockShape.Residual(placement, norm(layer, mlpNorm), mlp, null));
  }

  /**
   * Attention that turns nothing, with as many key-value heads as query heads.
   *
   * @param bias whether queries, keys and values have one
   * @param inputs one module for all, or one each
   */
  AttentionShape attention(
      int layer, Heads heads, Scores scores, boolean bias, Projection output, String... inputs) {
    int outputs = heads.inputs() / inputs.length;
    Member[] members =
        Stream.of(inputs).map(name -> new Member(name, outputs)).toArray(Member[]::new);
    return new AttentionShape(
        layer, projection(layer, hidden, bias, members), output, heads, scores, null, null);
  }

  MlpShape mlp(int layer, int inner, boolean bias, Activation activation, String up, String down) {
    return new MlpShape(
        projection(layer, hidden, bias, new Member(up, inner)),
        output(layer, inner, bias, down),
        activation);
  }

  /** All layers' blocks, in a list that more can be put into. */
  List<BlockShape> blocks(IntFunction<List<BlockShape>> layers) {
    List<BlockShape> blocks = new ArrayList<>();
    for (int layer = 0; layer < count; layer++) {
      blocks.addAll(layers.apply(layer));
    }
    return blocks;
  }
}
