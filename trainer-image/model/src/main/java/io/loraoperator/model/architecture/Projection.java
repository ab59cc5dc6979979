package io.loraoperator.model.architecture;

import java.util.List;
import java.util.Map;

/**
 * Linear modules that read the same input, computed as one product.
 *
 * @param layer index of the decoder layer; -1 outside of the layers
 * @param parent path of what the modules belong to ({@code model.layers.0}); empty for the model
 * @param inputs channels of the input
 * @param members the modules, in the order of their outputs
 * @param bias whether each of them adds a bias
 * @param transposed whether their weights are stored as [inputs, outputs]
 */
public record Projection(
    int layer, String parent, int inputs, List<Member> members, boolean bias, boolean transposed) {

  /**
   * One linear module.
   *
   * @param module its path within the parent ({@code self_attn.q_proj})
   * @param outputs channels of its output
   */
  public record Member(String module, int outputs) {}

  /** Copies the list. */
  public Projection {
    members = List.copyOf(members);
  }

  /** The module's path in the model ({@code model.layers.0.self_attn.q_proj}). */
  public String path(Member member) {
    return parent.isEmpty() ? member.module() : parent + "." + member.module();
  }

  /** The name of the module's weight. */
  public String weight(Member member) {
    return path(member) + ".weight";
  }

  /** The name of the module's bias. */
  public String bias(Member member) {
    return path(member) + ".bias";
  }

  /** Channels of all outputs together. */
  public int outputs() {
    return members.stream().mapToInt(Member::outputs).sum();
  }

  void tensors(Map<String, long[]> shapes) {
    for (Member member : members) {
      long[] shape = {member.outputs(), inputs};
      shapes.put(weight(member), transposed ? new long[] {inputs, member.outputs()} : shape);
      if (bias) {
        shapes.put(bias(member), new long[] {member.outputs()});
      }
    }
  }
}
