package io.loraoperator.model;

import io.loraoperator.model.FineTunableModel.Row;
import java.util.List;

/**
 * Uniform noise on the input embeddings in training: within alpha / sqrt(T C), T the row's own
 * tokens, whatever it shares a micro-batch or a sequence with.
 *
 * @param alpha how much; 0 for none
 * @param channels C of a token's embedding
 * @see <a href="https://arxiv.org/abs/2310.05914">Jain et al., 2023 (NEFTune)</a>
 */
record EmbeddingNoise(double alpha, int channels) {

  /** Tells these draws from those of dropout. */
  private static final long STREAM = "neftune".hashCode();

  /**
   * Draws the noise of a micro-batch.
   *
   * @param rows in the order that the caller gave them
   * @return [N, C], zero for the tokens that only round the last row up
   */
  float[] draw(PackedRows packed, List<Row> rows, StepKey key) {
    float[] values = new float[Math.multiplyExact(packed.tokens(), channels)];
    int offset = 0;
    for (int i = 0; i < packed.order().length; i++) {
      int row = packed.order()[i];
      int elements = rows.get(row).ids().length * channels;
      CounterRandom.fillUniform(
          values,
          offset,
          elements,
          alpha / Math.sqrt(elements),
          CounterRandom.key(key.seed(), key.step(), key.microBatch(), STREAM, row));
      offset += packed.lengths()[i] * channels;
    }
    return values;
  }
}
