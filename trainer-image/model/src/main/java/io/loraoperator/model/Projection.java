package io.loraoperator.model;

import java.util.List;

/**
 * Linear modules of one layer that read the same input, computed as one product.
 *
 * @param layer index of the decoder layer
 * @param parent the modules' common parent within the layer ({@code self_attn})
 * @param inputs channels of the input
 * @param members the modules, in the order of their outputs
 */
record Projection(int layer, String parent, int inputs, List<Member> members) {

  /**
   * One linear module.
   *
   * @param name its name within the parent ({@code q_proj})
   * @param outputs channels of its output
   */
  record Member(String name, int outputs) {}

  Projection {
    members = List.copyOf(members);
  }

  /** The module's path in the model ({@code model.layers.0.self_attn.q_proj}). */
  String path(Member member) {
    return "model.layers.%d.%s.%s".formatted(layer, parent, member.name());
  }

  /** Channels of all outputs together. */
  int outputs() {
    return members.stream().mapToInt(Member::outputs).sum();
  }

  static Projection queryKeyValue(Architecture a, int layer) {
    int keyValue = a.keyValueHeads() * a.headSize();
    return new Projection(
        layer,
        "self_attn",
        a.hiddenSize(),
        List.of(
            new Member("q_proj", a.heads() * a.headSize()),
            new Member("k_proj", keyValue),
            new Member("v_proj", keyValue)));
  }

  static Projection attentionOutput(Architecture a, int layer) {
    return new Projection(
        layer,
        "self_attn",
        a.heads() * a.headSize(),
        List.of(new Member("o_proj", a.hiddenSize())));
  }

  static Projection gateUp(Architecture a, int layer) {
    return new Projection(
        layer,
        "mlp",
        a.hiddenSize(),
        List.of(
            new Member("gate_proj", a.intermediateSize()),
            new Member("up_proj", a.intermediateSize())));
  }

  static Projection down(Architecture a, int layer) {
    return new Projection(
        layer, "mlp", a.intermediateSize(), List.of(new Member("down_proj", a.hiddenSize())));
  }

  /** All projections of a layer, in the order of computation. */
  static List<Projection> ofLayer(Architecture a, int layer) {
    return List.of(
        queryKeyValue(a, layer), attentionOutput(a, layer), gateUp(a, layer), down(a, layer));
  }
}
