package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.torch.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EmbeddingNoiseTest {

  private static final int CHANNELS = 24;
  private static final StepKey KEY = new StepKey(1, 2, 3);

  private final SplittableRandom random = new SplittableRandom(9);
  private final EmbeddingNoise noise = new EmbeddingNoise(5, CHANNELS);

  @Test
  void everyRowHasTheBoundOfItsOwnLength() {
    for (int trial = 0; trial < 20; trial++) {
      int[] lengths = random.ints(1 + random.nextInt(5), 1, 200).toArray();
      float[][] drawn = draw(noise, KEY, lengths);
      for (int i = 0; i < lengths.length; i++) {
        double bound = 5 / Math.sqrt((double) lengths[i] * CHANNELS);
        double largest = 0;
        double squares = 0;
        for (float value : drawn[i]) {
          largest = Math.max(largest, Math.abs(value));
          squares += value * value;
        }
        assertThat(largest).isBetween(0.8 * bound, bound);
        if (lengths[i] > 50) {
          assertThat(Math.sqrt(squares / drawn[i].length))
              .isCloseTo(bound / Math.sqrt(3), within(0.05 * bound));
        }
      }
    }
  }

  @Test
  void aRowsNoiseDependsOnItsPlaceAndOnNoOtherRow() {
    float[] alone = draw(noise, KEY, 7)[0];
    assertThat(draw(noise, KEY, 7, 90, 3)[0]).isEqualTo(alone);
    assertThat(draw(noise, KEY, 7, 7)[1]).isNotEqualTo(alone);
    assertThat(draw(noise, new StepKey(2, 2, 3), 7)[0]).isNotEqualTo(alone);
    assertThat(draw(noise, new StepKey(1, 3, 3), 7)[0]).isNotEqualTo(alone);
    assertThat(draw(noise, new StepKey(1, 2, 4), 7)[0]).isNotEqualTo(alone);
  }

  @Test
  void itIsThereInTrainingAlone() {
    Fixture fixture = Fixture.read("llama-tied");
    List<Row> rows = fixture.rows();
    double scale = 1.0 / Fixture.trainedTokens(rows);
    try (FineTunableModel noisy = fixture.model();
        FineTunableModel quiet = fixture.model()) {
      noisy.embeddingNoise(5);
      double loss = noisy.accumulate(rows, scale, KEY);
      assertThat(loss).isNotEqualTo(quiet.accumulate(rows, scale, KEY));
      assertThat(noisy.accumulate(rows, scale, KEY)).isEqualTo(loss);
      noisy.recomputeActivations(true);
      assertThat(noisy.accumulate(rows, scale, KEY)).isEqualTo(loss);
      assertThat(noisy.accumulate(rows, scale, new StepKey(1, 3, 3))).isNotEqualTo(loss);
      assertThat(noisy.evaluate(rows)).isEqualTo(quiet.evaluate(rows));
      assertThat(noisy.logits(rows.getFirst().ids()))
          .isEqualTo(quiet.logits(rows.getFirst().ids()));
      noisy.embeddingNoise(0);
      assertThat(noisy.accumulate(rows, scale, KEY)).isEqualTo(quiet.accumulate(rows, scale, KEY));
    }
  }

  /** The noise of each row, in the order of the rows. */
  private static float[][] draw(EmbeddingNoise noise, StepKey key, int... lengths) {
    List<Row> rows =
        IntStream.of(lengths).mapToObj(n -> new Row(new int[n], new boolean[n])).toList();
    try (TensorScope scope = new TensorScope()) {
      PackedRows packed = PackedRows.of(scope, rows, 1, 8);
      float[] all = noise.draw(packed, rows, key);
      assertThat(all).hasSize(packed.tokens() * CHANNELS);
      float[][] byRow = new float[lengths.length][];
      int offset = 0;
      for (int i = 0; i < lengths.length; i++) {
        int row = packed.order()[i];
        int own = offset + lengths[row] * CHANNELS;
        byRow[row] = Arrays.copyOfRange(all, offset, own);
        offset += packed.lengths()[i] * CHANNELS;
        assertThat(Arrays.copyOfRange(all, own, offset)).isEqualTo(new float[offset - own]);
      }
      return byRow;
    }
  }
}
