package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.NormShape.Kind;
import io.loraoperator.model.architecture.Projection.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Modules of a decoder with layer norms, under the names that a family gives them.
 *
 * @param path of the layers, each followed by its index ({@code transformer.h.})
 * @param epsilon of all norms
 * @param transposed whether weights are stored as [inputs, outputs]
 */
record Layers(String path, int count, double epsilon, boolean transposed) {

  NormShape norm(int layer, String name, int size) {
    return new NormShape(Kind.LAYER, path + layer + "." + name, size, epsilon);
  }

  Projection projection(int layer, int inputs, boolean bias, Member... members) {
    return new Projection(layer, path + layer, inputs, List.of(members), bias, transposed);
  }

  /** Linear maps with as many outputs each. */
  Projection projection(int layer, int inputs, boolean bias, int outputs, String... modules) {
    Member[] members = new Member[modules.length];
    for (int i = 0; i < members.length; i++) {
      members[i] = new Member(modules[i], outputs);
    }
    return projection(layer, inputs, bias, members);
  }

  /** All layers' blocks. */
  List<BlockShape> blocks(IntFunction<List<BlockShape>> layers) {
    List<BlockShape> blocks = new ArrayList<>();
    for (int layer = 0; layer < count; layer++) {
      blocks.addAll(layers.apply(layer));
    }
    return blocks;
  }
}
