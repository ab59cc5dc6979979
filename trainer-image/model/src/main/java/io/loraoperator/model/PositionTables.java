package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.Positions.Angles;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.AttentionShape;
import io.loraoperator.model.architecture.EmbeddingShape.LearnedPositions;
import io.loraoperator.model.architecture.Rotary;
import io.loraoperator.model.architecture.Rotary.Scaling;
import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import io.loraoperator.torch.Torch;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What positions are to a model: rotary cosines and sines, causal masks, which grow with the
 * longest row, and the table of learned positions.
 */
final class PositionTables implements AutoCloseable {

  private final DType dtype;
  private final Set<Rotary> rotaries;
  private final Set<Integer> windows;
  private final @Nullable LearnedPositions learned;
  private final @Nullable Tensor learnedTable;
  private final Map<Rotary, List<Angles>> tables = new LinkedHashMap<>();
  private final Map<Integer, Tensor> masks = new LinkedHashMap<>();
  private TensorScope scope = new TensorScope();
  private int length;

  /**
   * Reads learned positions, where a model has them.
   *
   * @param lifetime of their table
   * @param spare rows behind the table's last, for tokens that only round a row up
   */
  PositionTables(TensorScope lifetime, Architecture architecture, ModelWeights weights, int spare) {
    List<AttentionShape> attentions = architecture.attentions();
    this.dtype = weights.dtype();
    this.rotaries =
        attentions.stream()
            .map(AttentionShape::rotary)
            .filter(Objects::nonNull)
            .collect(Collectors.toUnmodifiableSet());
    this.windows =
        attentions.stream().map(a -> a.scores().window()).collect(Collectors.toUnmodifiableSet());
    this.learned = architecture.embedding().positions();
    this.learnedTable = learned == null ? null : table(lifetime, weights, learned, spare);
  }

  private static Tensor table(
      TensorScope lifetime, ModelWeights weights, LearnedPositions shape, int spare) {
    Tensor table =
        lifetime.own(Tensor.zeros(weights.dtype(), shape.count() + spare, shape.width()));
    weights.visit(
        shape.weight(), values -> K.run("place_positions_", table, values, shape.offset()));
    return table;
  }

  /** Makes the tables reach this many positions. Tensors handed out before become invalid. */
  void reach(int positions) {
    if (positions <= length) {
      return;
    }
    scope.close();
    scope = new TensorScope();
    length = Math.max(64, Integer.highestOneBit(positions - 1) * 2);
    for (Rotary rotary : rotaries) {
      tables.put(rotary, RotaryAngles.tables(scope, rotary, length, dtype));
    }
    for (int window : windows) {
      masks.put(
          window,
          K.tensor(scope, "causal_mask", length, window, dtype.scalarType(), Torch.device()));
    }
  }

  /**
   * Positions of rows that lie one after the other.
   *
   * @param own each row's tokens, without those that only round it up
   */
  Positions of(TensorScope pass, PackedRows rows, int[] own) {
    for (int tokens : own) {
      requireLearned(tokens);
    }
    reach(rows.longest());
    int[] lengths = rows.lengths();
    Map<Rotary, Angles> angles = new LinkedHashMap<>();
    for (Rotary rotary : rotaries) {
      try (TensorScope temporary = new TensorScope()) {
        List<Angles> ofRows =
            IntStream.range(0, own.length)
                .mapToObj(i -> angles(temporary, rotary, own[i], lengths[i]))
                .toList();
        angles.put(
            rotary,
            new Angles(
                byToken(pass, ofRows.stream().map(Angles::cos).toList(), lengths),
                byToken(pass, ofRows.stream().map(Angles::sin).toList(), lengths)));
      }
    }
    Tensor nothing = pass.own(Tensor.empty(dtype, rows.tokens(), 1, 0));
    return new Positions(
        angles,
        new Angles(nothing, nothing),
        masks,
        learnedTable == null
            ? null
            : rowsOf(pass, Collections.nCopies(lengths.length, learnedTable), lengths));
  }

  private static Tensor byToken(TensorScope pass, List<Tensor> tables, int[] lengths) {
    try (TensorScope temporary = new TensorScope()) {
      return K.tensor(pass, "heads_apart", rowsOf(temporary, tables, lengths));
    }
  }

  private static Tensor rowsOf(TensorScope scope, List<Tensor> tables, int[] lengths) {
    return K.tensor(scope, "rows_of", tables, IntStream.of(lengths).asLongStream().toArray());
  }

  /** Positions of the tokens from {@code start} to {@code end} of one sequence. */
  Positions of(TensorScope pass, int start, int end) {
    requireLearned(end);
    reach(end);
    Map<Rotary, Angles> angles = new LinkedHashMap<>();
    for (Rotary rotary : rotaries) {
      angles.put(rotary, angles(pass, rotary, end, end));
    }
    Tensor nothing = pass.own(Tensor.empty(dtype, length, 0));
    return new Positions(
        angles,
        new Angles(nothing, nothing),
        masks,
        learnedTable == null
            ? null
            : K.tensor(pass, "table_rows", learnedTable, start, end - start));
  }

  /**
   * Angles of a row's positions, by its own length whatever lies beside it.
   *
   * @param pass lifetime of those that no other row has
   * @param tokens of the row
   * @param length that they reach at least
   */
  private Angles angles(TensorScope pass, Rotary rotary, int tokens, int length) {
    List<Angles> shared = Objects.requireNonNull(tables.get(rotary));
    return switch (rotary.scaling()) {
      case Scaling.LongRope longRope when tokens > longRope.original() -> shared.get(1);
      case Scaling.Dynamic dynamic when tokens > dynamic.original() ->
          RotaryAngles.tables(pass, rotary.ofLongRow(dynamic, tokens), length, dtype).getFirst();
      default -> shared.get(0);
    };
  }

  /** Whether a sequence's frequencies change as it grows. */
  boolean changesBetween(int tokens, int more) {
    return rotaries.stream().anyMatch(r -> r.changesBetween(tokens, more));
  }

  /**
   * Refuses a sequence that is longer than there are learned positions.
   *
   * @throws UnsupportedModelException naming their table
   */
  void requireLearned(int tokens) {
    if (learned != null && tokens > learned.count()) {
      throw new UnsupportedModelException(
          "A sequence of %d tokens is longer than the model's %d learned positions (%s)."
              .formatted(tokens, learned.count(), learned.weight()));
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
