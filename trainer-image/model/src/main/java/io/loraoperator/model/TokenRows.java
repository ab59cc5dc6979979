package io.loraoperator.model;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of an embedding or a head that are trained while the others are frozen.
 *
 * @param ids the tokens, [k] int64
 * @param slots for each token of the vocabulary which of the rows is its own, k for none, [V] int64
 */
record TokenRows(Tensor ids, Tensor slots) {

  /** Tokens of a vocabulary. */
  static TokenRows of(TensorScope scope, List<Integer> tokens, int vocabularySize) {
    long[] slots = new long[vocabularySize];
    Arrays.fill(slots, tokens.size());
    long[] ids = new long[tokens.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = tokens.get(i);
      slots[tokens.get(i)] = i;
    }
    return new TokenRows(
        scope.own(Tensor.of(ids, ids.length)), scope.own(Tensor.of(slots, slots.length)));
  }
}
