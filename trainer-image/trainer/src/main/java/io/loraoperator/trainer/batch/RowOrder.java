package io.loraoperator.trainer.batch;

import java.util.stream.IntStream;

/** In which order an epoch takes the sequences. */
public enum RowOrder {
  /** As the files have them. */
  GIVEN,
  /** Another random order for every epoch. */
  SHUFFLED,
  /**
   * Random, but with like lengths in one step, and the longest sequence of all in the first, so
   * that memory runs out at once or not at all; as transformers' {@code group_by_length}.
   */
  BY_LENGTH;

  /** Steps whose sequences are sorted together. */
  private static final int STEPS_SORTED = 50;

  /**
   * The order of an epoch.
   *
   * @param lengths of the sequences
   * @param stepSize sequences of an optimizer step
   */
  int[] epoch(int[] lengths, int stepSize, long seed, long epoch) {
    return switch (this) {
      case GIVEN -> IntStream.range(0, lengths.length).toArray();
      case SHUFFLED -> Shuffle.epoch(lengths.length, seed, epoch);
      case BY_LENGTH -> byLength(lengths, stepSize, Shuffle.epoch(lengths.length, seed, epoch));
    };
  }

  private static int[] byLength(int[] lengths, int stepSize, int[] order) {
    int n = order.length;
    int steps = Math.clamp(n / (stepSize * 4L), 1, STEPS_SORTED);
    int part = steps * stepSize;
    int[] grouped = new int[n];
    int longestPart = 0;
    for (int from = 0; from < n; from += part) {
      int[] sorted =
          IntStream.of(order)
              .skip(from)
              .limit(part)
              .boxed()
              .sorted((a, b) -> Integer.compare(lengths[b], lengths[a]))
              .mapToInt(Integer::intValue)
              .toArray();
      System.arraycopy(sorted, 0, grouped, from, sorted.length);
      longestPart = lengths[grouped[from]] > lengths[grouped[longestPart]] ? from : longestPart;
    }
    int first = grouped[0];
    grouped[0] = grouped[longestPart];
    grouped[longestPart] = first;
    return grouped;
  }
}
