package io.loraoperator.model;

import io.loraoperator.torch.DType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What training takes of memory at its peak, in bytes.
 *
 * @param weights the frozen weights, with the columns that adapters take in them
 * @param adapters adapter values, gradients and AdamW's two moments, float32, and working copies
 * @param activations what the forward pass of the largest micro-batch keeps
 * @param workspace what the backward pass and the loss hold for a moment
 * @param program the Java run time, PyTorch's libraries and the allocator's reserve
 */
public record MemoryEstimate(
    long weights, long adapters, long activations, long workspace, long program) {

  /**
   * Resident memory of a process that has loaded everything but a model: measured, like the figures
   * of {@code docs/benchmarks.md} that it is checked against.
   */
  private static final long PROGRAM = 560L << 20;

  private static final int ADAMW_COPIES = 4; // value, gradient, two moments

  /** All of it. */
  public long total() {
    return weights + adapters + activations + workspace + program;
  }

  /**
   * Estimates a run.
   *
   * @param microBatches the lengths of the rows of each micro-batch, truncated as in training
   * @param recompute whether activations are recomputed
   */
  public static MemoryEstimate of(
      Architecture a,
      Precision precision,
      @Nullable LoraConfig lora,
      Stream<int[]> microBatches,
      boolean recompute) {
    var sizes = new Sizes(a, precision.dtype(), lora);
    long largest =
        microBatches.mapToLong(lengths -> sizes.ofMicroBatch(lengths, recompute)).max().orElse(0);
    return new MemoryEstimate(
        ModelWeights.count(a) * sizes.bytes + sizes.roomInWeights() * sizes.bytes,
        sizes.adapters(),
        largest,
        sizes.workspaceOfLoss(),
        PROGRAM);
  }

  /** The shapes that {@link Decoder} and its blocks work on. */
  private static final class Sizes {
    private final Architecture a;
    private final int bytes;
    private final DType dtype;
    private final List<String> targets;
    private final int rank;

    Sizes(Architecture a, DType dtype, @Nullable LoraConfig lora) {
      this.a = a;
      this.dtype = dtype;
      this.bytes = dtype.bytes();
      this.targets = lora == null ? List.of() : lora.resolvedTargets(a);
      this.rank = lora == null ? 0 : lora.rank();
    }

    private long room(Projection projection) {
      return projection.members().stream().filter(m -> targets.contains(m.name())).count() * rank;
    }

    long roomInWeights() {
      return a.layers()
          * Projection.ofLayer(a, 0).stream().mapToLong(p -> p.outputs() * room(p)).sum();
    }

    long adapters() {
      long inputs = 0;
      long outputs = 0;
      for (Projection p : Projection.ofLayer(a, 0)) {
        for (Projection.Member m : p.members()) {
          if (targets.contains(m.name())) {
            inputs += (long) rank * p.inputs();
            outputs += (long) rank * m.outputs();
          }
        }
      }
      long working = dtype == DType.FLOAT32 ? 0 : inputs * bytes;
      return a.layers() * ((inputs + outputs) * ADAMW_COPIES * Float.BYTES + working);
    }

    /** Activations that are kept, and the largest temporaries beside them. */
    long ofMicroBatch(int[] unordered, boolean recompute) {
      int[] lengths =
          IntStream.of(unordered)
              .boxed()
              .sorted(Comparator.reverseOrder())
              .mapToInt(i -> i)
              .toArray();
      long tokens = IntStream.of(lengths).sum();
      long attention = tokens * attentionChannels() + attentionScores(lengths);
      long mlp = tokens * mlpChannels();
      long stream = 2 * tokens * a.hiddenSize();
      long kept =
          recompute
              ? a.layers() * stream + Math.max(attention, mlp)
              : a.layers() * (stream + attention + mlp);
      return (kept + tokens * temporaryChannels()) * bytes;
    }

    private long attentionChannels() {
      Projection in = Projection.queryKeyValue(a, 0);
      Projection out = Projection.attentionOutput(a, 0);
      return a.hiddenSize() + room(in) + out.inputs() + room(out);
    }

    /** Padded queries, keys and values, and the probabilities. */
    private long attentionScores(int[] lengths) {
      long channels = (long) (a.heads() + 2 * a.keyValueHeads()) * a.headSize();
      return PackedRows.groups(lengths).stream()
          .mapToLong(group -> {
            long width = Arrays.stream(group).max().orElseThrow();
            return group.length * width * (channels + a.heads() * width);
          })
          .sum();
    }

    private long mlpChannels() {
      Projection in = Projection.gateUp(a, 0);
      return a.hiddenSize() + room(in) + in.outputs();
    }

    /** Of the backward pass through the MLP: five of the inner width and the gradients outside. */
    private long temporaryChannels() {
      return 5L * a.intermediateSize() + 3L * a.hiddenSize();
    }

    /** One chunk of logits in float32 and twice in the model's precision. */
    long workspaceOfLoss() {
      return LanguageModelHead.CHUNK_BYTES * (1 + 2L * bytes / Float.BYTES);
    }
  }
}
