package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.architecture.AttentionShape;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention whose query heads share key-value heads, with rotary positions or without.
 *
 * @see <a href="https://arxiv.org/abs/2305.13245">Ainslie et al., 2023</a>
 */
final class GroupedQueryAttention implements Branch {

  private final AttentionShape shape;
  private final @Nullable HeadNorm headNorm;
  private final LoraLinear queryKeyValue;
  private final LoraLinear output;

  GroupedQueryAttention(
      AttentionShape shape,
      @Nullable HeadNorm headNorm,
      LoraLinear queryKeyValue,
      LoraLinear output) {
    this.shape = shape;
    this.headNorm = headNorm;
    this.queryKeyValue = queryKeyValue;
    this.output = output;
  }

  /**
   * What the backward pass needs.
   *
   * @param input of the projections, [N, C + room]
   * @param unnormed queries, keys and values before the heads' norms; null without such norms
   * @param normed what these norms gave
   * @param heads queries, keys, values and probabilities of each group of rows
   * @param mixed the heads' results, [N, H D + room]
   */
  private record Saved(
      Tensor input,
      @Nullable Tensor unnormed,
      Norm.@Nullable Normed normed,
      List<Tensor> heads,
      Tensor mixed) {}

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
  public Forward forward(TensorScope scope, Pass pass, Tensor input, @Nullable Tensor residual) {
    return switch (pass) {
      case Pass.Packed packed -> forwardPacked(scope, packed, input, residual);
      case Pass.Cached cached -> forwardCached(scope, cached, input, residual);
    };
  }

  private Forward forwardPacked(
      TensorScope scope, Pass.Packed pass, Tensor input, @Nullable Tensor residual) {
    Tensor unnormed = null;
    Norm.Normed normed = null;
    List<Tensor> result;
    try (TensorScope temporary = new TensorScope()) {
      Tensor projected = queryKeyValue.forward(temporary, pass, input, null);
      if (headNorm != null) {
        normed = headNorm.forward(temporary, projected);
        normed.statistics().forEach(tensor -> temporary.moveTo(scope, tensor));
        unnormed = temporary.moveTo(scope, projected);
        projected = normed.output();
      }
      result =
          K.tensors(
              scope,
              "attention",
              projected,
              pass.positions().angles(shape).cos(),
              pass.positions().angles(shape).sin(),
              pass.positions().mask(shape),
              pass.rows().groups(),
              pass.rows().widths(),
              shape.heads().queries(),
              shape.heads().keyValues(),
              shape.heads().size(),
              shape.scores().scale(),
              shape.scores().softCap(),
              output.room());
    }
    var saved =
        new Saved(input, unnormed, normed, result.subList(1, result.size()), result.getFirst());
    return new Forward(
        output.forward(scope, pass, saved.mixed(), residual),
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
              pass.positions().angles(shape).cos(),
              pass.positions().angles(shape).sin(),
              pass.rows().groups(),
              pass.rows().widths(),
              shape.heads().queries(),
              shape.heads().keyValues(),
              shape.heads().size(),
              shape.scores().scale(),
              shape.scores().softCap());
      if (headNorm != null && saved.unnormed() != null && saved.normed() != null) {
        headNorm.backward(heads, saved.unnormed(), saved.normed());
      }
      return queryKeyValue.backward(scope, pass, heads, saved.input(), inputGradient);
    }
  }

  private Forward forwardCached(
      TensorScope scope, Pass.Cached pass, Tensor input, @Nullable Tensor residual) {
    try (TensorScope temporary = new TensorScope()) {
      Tensor projected = queryKeyValue.forward(temporary, pass, input, null);
      if (headNorm != null) {
        projected = headNorm.forward(temporary, projected).output();
      }
      Tensor mixed =
          K.tensor(
              temporary,
              "cached_attention",
              projected,
              pass.positions().angles(shape).cos(),
              pass.positions().angles(shape).sin(),
              pass.positions().mask(shape),
              pass.cache().keys(shape.layer()),
              pass.cache().values(shape.layer()),
              pass.position(),
              shape.heads().queries(),
              shape.heads().keyValues(),
              shape.scores().scale(),
              shape.scores().softCap(),
              output.room());
      return new Forward(
          output.forward(scope, pass, mixed, residual),
          (s, dy, inputGradient) -> {
            throw new IllegalStateException("generation has no backward pass");
          });
    }
  }
}
