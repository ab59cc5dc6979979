package io.loraoperator.checkpoint;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.WeightSource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A model's weights with rows for new tokens in the embedding and the head (and its bias). A new
 * row is the mean of the model's own: what transformers' {@code resize_token_embeddings} draws
 * around, but without a draw, so that the same model is the same bytes.
 *
 * @see <a href="https://nlp.stanford.edu/~johnhew/vocab-expansion.html">Hewitt, 2021</a>
 */
public final class GrownVocabulary implements WeightSource {

  /** What has a row for each token, by Hugging Face's names. */
  private static final Pattern TABLES =
      Pattern.compile("(?:.*\\.)?(?:embed_tokens|wte|lm_head)\\.(?:weight|bias)");

  private final WeightSource weights;
  private final int rows;

  /**
   * Grows the tables.
   *
   * @param rows of the grown ones; those with as many or more stay
   */
  public GrownVocabulary(WeightSource weights, int rows) {
    this.weights = weights;
    this.rows = rows;
  }

  private boolean grows(String name) {
    return TABLES.matcher(name).matches() && weights.shape(name)[0] < rows;
  }

  @Override
  public Set<String> names() {
    return weights.names();
  }

  @Override
  public long[] shape(String name) {
    long[] shape = weights.shape(name).clone();
    if (grows(name)) {
      shape[0] = rows;
    }
    return shape;
  }

  @Override
  public DType dtype(String name) {
    return weights.dtype(name);
  }

  @Override
  public HostTensor read(String name, DType as, SegmentAllocator memory) {
    if (!grows(name)) {
      return weights.read(name, as, memory);
    }
    long[] shape = shape(name);
    int width = shape.length == 1 ? 1 : Math.toIntExact(shape[1]);
    MemorySegment target = memory.allocate(Math.multiplyExact((long) rows * width, as.bytes()), 64);
    try (Arena own = Arena.ofShared()) { // conversions run on several threads
      HostTensor values = weights.read(name, as, own);
      int filled = Math.toIntExact(values.shape()[0]);
      MemorySegment.copy(values.data(), 0, target, 0, values.data().byteSize());
      float[] mean = mean(values, filled, width);
      for (int row = filled; row < rows; row++) {
        FloatConversion.store(mean, width, target, (long) row * width, as);
      }
      if (values.data().isMapped()) {
        values.data().unload(); // the file's pages would count as this process's memory
      }
    }
    return new HostTensor(as, shape, target);
  }

  private static float[] mean(HostTensor values, int rows, int width) {
    double[] sums = new double[width];
    float[] row = new float[width];
    ElementType type = ElementType.of(values.dtype());
    for (int i = 0; i < rows; i++) {
      FloatConversion.load(values.data(), (long) i * width, type, row, width);
      for (int j = 0; j < width; j++) {
        sums[j] += row[j];
      }
    }
    float[] mean = new float[width];
    for (int j = 0; j < width; j++) {
      mean[j] = (float) (sums[j] / rows);
    }
    return mean;
  }

  @Override
  public void close() {
    weights.close();
  }
}
