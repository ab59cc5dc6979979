package io.loraoperator.model;

import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows laid one after the other without padding, longest first; attention alone pads them, within
 * groups of similar lengths.
 *
 * @param ids all tokens, [N]
 * @param lengths tokens of each row, in this order, those that only round the last one up included
 * @param order index that each row had before
 * @param groups the lengths by attention group
 * @param widths what each group is padded to in attention
 * @param positions where trained tokens are predicted, in [0, N)
 * @param targets those tokens
 * @param trainedTokens how many there are
 */
@SuppressWarnings("ArrayRecordComponent") // local to a step, never compared
record PackedRows(
    Tensor ids,
    int[] lengths,
    int[] order,
    List<long[]> groups,
    long[] widths,
    Tensor positions,
    Tensor targets,
    int trainedTokens) {

  /** Rows this short share a group whatever their lengths: the padding costs less than a call. */
  private static final int SHORT = 64;

  /** A row shorter than this share of its group's longest starts a new group. */
  private static final double SIMILAR = 0.75;

  /**
   * Lays rows out.
   *
   * @param multiple what the number of tokens and the groups' widths are rounded up to. The last
   *     row is continued with tokens that nothing looks at: they lie behind every token that
   *     counts.
   */
  static PackedRows of(TensorScope scope, List<Row> rows, int vocabularySize, int multiple) {
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("a micro-batch needs at least one row");
    }
    int[] order =
        IntStream.range(0, rows.size())
            .boxed()
            .sorted(
                Comparator.comparingInt((Integer i) -> -rows.get(i).ids().length)
                    .thenComparingInt(i -> i))
            .mapToInt(i -> i)
            .toArray();
    int[] lengths = IntStream.of(order).map(i -> rows.get(i).ids().length).toArray();
    int tokens = IntStream.of(lengths).sum();
    int rounded = Math.ceilDiv(tokens, multiple) * multiple;
    lengths[lengths.length - 1] += rounded - tokens;
    long[] ids = new long[rounded];
    long[] positions = new long[tokens];
    long[] targets = new long[tokens];
    int trained = 0;
    int start = 0;
    for (int index : order) {
      Row row = rows.get(index);
      for (int t = 0; t < row.ids().length; t++) {
        int id = row.ids()[t];
        if (id < 0 || id >= vocabularySize) {
          throw new IllegalArgumentException(
              "token %d of row %d is %d; the model's vocabulary has %d"
                  .formatted(t, index, id, vocabularySize));
        }
        ids[start + t] = id;
        if (t > 0 && row.trained()[t]) {
          positions[trained] = (long) start + t - 1;
          targets[trained] = id;
          trained++;
        }
      }
      start += row.ids().length;
    }
    List<long[]> groups = groups(lengths);
    return new PackedRows(
        scope.own(Tensor.of(ids, rounded)),
        lengths,
        order,
        groups,
        groups.stream()
            .mapToLong(g -> Math.ceilDiv(Arrays.stream(g).max().orElseThrow(), multiple) * multiple)
            .toArray(),
        scope.own(Tensor.of(Arrays.copyOf(positions, trained), trained)),
        scope.own(Tensor.of(Arrays.copyOf(targets, trained), trained)),
        trained);
  }

  /** Tokens of all rows, rounded up. */
  int tokens() {
    return IntStream.of(lengths).sum();
  }

  /** The widest group, padding included. */
  int longest() {
    return (int) Arrays.stream(widths).max().orElseThrow();
  }

  /** Splits lengths, longest first, where padding to the longest would waste much. */
  static List<long[]> groups(int[] lengths) {
    List<long[]> groups = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= lengths.length; i++) {
      boolean split =
          i == lengths.length || (lengths[from] > SHORT && lengths[i] < SIMILAR * lengths[from]);
      if (split) {
        groups.add(IntStream.range(from, i).mapToLong(j -> lengths[j]).toArray());
        from = i;
      }
    }
    return groups;
  }
}
