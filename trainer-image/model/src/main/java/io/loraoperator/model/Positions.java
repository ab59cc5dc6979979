package io.loraoperator.model;

import io.loraoperator.model.architecture.AttentionShape;
import io.loraoperator.model.architecture.Rotary;
import io.loraoperator.torch.Tensor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the positions of a pass's tokens are to each kind of attention.
 *
 * @param angles by rotary; of a token each, or of a position each where there is a cache
 * @param none angles of nothing, for attention that turns nothing
 * @param masks causal masks by window, at least as wide as the longest row
 * @param learned rows of learned positions, [N, C]; null without
 */
record Positions(
    Map<Rotary, Angles> angles, Angles none, Map<Integer, Tensor> masks, @Nullable Tensor learned) {

  /**
   * Cosines and sines.
   *
   * @param cos [N, 1, R / 2] of tokens, or [positions, R / 2]
   * @param sin likewise
   */
  record Angles(Tensor cos, Tensor sin) {}

  Angles angles(AttentionShape shape) {
    return shape.rotary() == null ? none : Objects.requireNonNull(angles.get(shape.rotary()));
  }

  Tensor mask(AttentionShape shape) {
    return Objects.requireNonNull(masks.get(shape.scores().window()));
  }
}
