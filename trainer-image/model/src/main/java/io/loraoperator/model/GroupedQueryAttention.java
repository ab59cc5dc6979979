package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention whose query heads share key-value heads, with rotary positions.
 *
 * @see <a href="https://arxiv.org/abs/2305.13245">Ainslie et al., 2023</a>
 */
final class GroupedQueryAttention implements Branch {

  private final Architecture architecture;
  private final int layer;
  private final LoraLinear queryKeyValue;
  private final LoraLinear output;

  GroupedQueryAttention(
      Architecture architecture, int layer, LoraLinear queryKeyValue, LoraLinear output) {
    this.architecture = architecture;
    this.layer = layer;
    this.queryKeyValue = queryKeyValue;
    this.output = output;
  }

  /**
   * What the backward pass needs.
   *
   * @param input of the projections, [N, C + room]
   * @param heads queries, keys, values and probabilities of each group of rows
   * @param mixed the heads' results, [N, H D + room]
   */
  private record Saved(Tensor input, List<Tensor> heads, Tensor mixed) {}

  @Override
  public int room() {
    return queryKeyValue.room();
  }

  @Override
  public boolean isTrained() {
    return queryKeyValue.isTrained() || output.isTrained();
  }

  @Override
  public void refresh() {
    queryKeyValue.refresh();
    output.refresh();
  }

  @Override
  public Forward forward(TensorScope scope, Pass pass, Tensor input, Tensor residual) {
    return switch (pass) {
      case Pass.Packed packed -> forwardPacked(scope, packed, input, residual);
      case Pass.Cached cached -> forwardCached(scope, cached, input, residual);
    };
  }

  private Forward forwardPacked(
      TensorScope scope, Pass.Packed pass, Tensor input, Tensor residual) {
    List<Tensor> result;
    try (TensorScope temporary = new TensorScope()) {
      result =
          K.tensors(
              scope,
              "attention",
              queryKeyValue.forward(temporary, pass, input),
              pass.cos(),
              pass.sin(),
              pass.mask(),
              pass.rows().groups(),
              pass.rows().widths(),
              architecture.heads(),
              architecture.keyValueHeads(),
              architecture.headSize(),
              architecture.scoreScale(),
              output.room());
    }
    var saved = new Saved(input, result.subList(1, result.size()), result.getFirst());
    return new Forward(
        output.forwardAdd(scope, pass, saved.mixed(), residual),
        (s, dy, inputGradient) -> backward(s, pass, saved, dy, inputGradient));
  }

  private @Nullable Tensor backward(
      TensorScope scope, Pass.Packed pass, Saved saved, Tensor dy, boolean inputGradient) {
    boolean goOn = inputGradient || queryKeyValue.isTrained();
    try (TensorScope temporary = new TensorScope()) {
      Tensor mixed = output.backward(temporary, pass, dy, saved.mixed(), goOn);
      if (!goOn) {
        return null;
      }
      Tensor heads =
          K.tensor(
              temporary,
              "attention_backward",
              Objects.requireNonNull(mixed),
              saved.heads(),
              pass.cos(),
              pass.sin(),
              pass.rows().groups(),
              pass.rows().widths(),
              architecture.heads(),
              architecture.keyValueHeads(),
              architecture.headSize(),
              architecture.scoreScale());
      return queryKeyValue.backward(scope, pass, heads, saved.input(), inputGradient);
    }
  }

  private Forward forwardCached(
      TensorScope scope, Pass.Cached pass, Tensor input, Tensor residual) {
    try (TensorScope temporary = new TensorScope()) {
      Tensor mixed =
          K.tensor(
              temporary,
              "cached_attention",
              queryKeyValue.forward(temporary, pass, input),
              pass.cos(),
              pass.sin(),
              pass.mask(),
              pass.cache().keys(layer),
              pass.cache().values(layer),
              pass.position(),
              architecture.heads(),
              architecture.keyValueHeads(),
              architecture.scoreScale(),
              output.room());
      return new Forward(
          output.forwardAdd(scope, pass, mixed, residual),
          (s, dy, inputGradient) -> {
            throw new IllegalStateException("generation has no backward pass");
          });
    }
  }
}
