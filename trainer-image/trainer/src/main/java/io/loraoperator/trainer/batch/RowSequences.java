package io.loraoperator.trainer.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Which rows share a sequence. A row's tokens see no other row and its positions begin at 0,
 * wherever it lies, so the loss of the rows is the same packed and unpacked.
 *
 * @param rows the places of each sequence's rows, in order
 * @param lengths of the sequences, in tokens
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record RowSequences(List<int[]> rows, int[] lengths) {

  public RowSequences {
    rows = List.copyOf(rows);
  }

  /** Every row by itself. */
  public static RowSequences single(int[] lengths) {
    return new RowSequences(
        IntStream.range(0, lengths.length).mapToObj(row -> new int[] {row}).toList(), lengths);
  }

  /**
   * As many rows as fit: the longest first, each into the fullest sequence that has room (best-fit
   * decreasing, as TRL packs; it needs at most 22 % more sequences than the best packing). Ties go
   * to the earlier row and the earlier sequence, so the result is a function of the lengths.
   *
   * @param maxLength of a sequence; a row of more tokens is a sequence by itself
   */
  public static RowSequences packed(int[] lengths, int maxLength) {
    List<List<Integer>> sequences = new ArrayList<>();
    List<Integer> filled = new ArrayList<>();
    TreeMap<Integer, Deque<Integer>> byRoom = new TreeMap<>();
    int[] longestFirst =
        IntStream.range(0, lengths.length)
            .boxed()
            .sorted(Comparator.comparingInt((Integer row) -> -lengths[row]))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int row : longestFirst) {
      Map.Entry<Integer, Deque<Integer>> fitting = byRoom.ceilingEntry(lengths[row]);
      int sequence;
      if (fitting == null) {
        sequence = sequences.size();
        sequences.add(new ArrayList<>());
        filled.add(0);
      } else {
        sequence = fitting.getValue().removeFirst();
        if (fitting.getValue().isEmpty()) {
          byRoom.remove(fitting.getKey());
        }
      }
      sequences.get(sequence).add(row);
      filled.set(sequence, filled.get(sequence) + lengths[row]);
      int room = maxLength - filled.get(sequence);
      if (room > 0) {
        byRoom.computeIfAbsent(room, _ -> new ArrayDeque<>()).addLast(sequence);
      }
    }
    List<int[]> rows =
        sequences.stream()
            .map(list -> list.stream().sorted().mapToInt(Integer::intValue).toArray())
            .toList();
    return new RowSequences(rows, filled.stream().mapToInt(Integer::intValue).toArray());
  }

  /** How many sequences there are. */
  public int count() {
    return rows.size();
  }

  /** The rows of some sequences, one after the other. */
  int[] rowsOf(int[] sequences) {
    return Arrays.stream(sequences)
        .flatMap(sequence -> Arrays.stream(rows.get(sequence)))
        .toArray();
  }
}
