package io.loraoperator.model;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.AttentionShape;
import io.loraoperator.model.architecture.BlockShape;
import io.loraoperator.model.architecture.BranchShape;
import io.loraoperator.model.architecture.MlpShape;
import io.loraoperator.model.architecture.Projection;
import io.loraoperator.torch.DType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private static final long PROGRAM = 360L << 20;

  private static final int ADAMW_COPIES = 4; // value, gradient, two moments

  /** All of it. */
  public long total() {
    return weights + adapters + activations + workspace + program;
  }

  /**
   * Estimates a run.
   *
   * @param quantization of the linear weights; null without
   * @param microBatches the lengths of the rows of each micro-batch, truncated as in training
   * @param recompute whether activations are recomputed
   */
  public static MemoryEstimate of(
      Architecture a,
      Precision precision,
      @Nullable Quantization quantization,
      @Nullable LoraConfig lora,
      Stream<int[]> microBatches,
      boolean recompute) {
    var sizes = new Sizes(a, precision.dtype(), lora);
    long largest =
        microBatches.mapToLong(lengths -> sizes.ofMicroBatch(lengths, recompute)).max().orElse(0);
    return new MemoryEstimate(
        sizes.weights(quantization), sizes.adapters(), largest, sizes.workspaceOfLoss(), PROGRAM);
  }

  /** The shapes that {@link Decoder} and its blocks work on. */
  private static final class Sizes {
    private final Architecture a;
    private final int bytes;
    private final DType dtype;
    private final Map<String, LoraShape> shapes;
    private final long whole;
    private final long biases;
    private final boolean decomposed;
    private final boolean dropout;
    private final long rows;

    Sizes(Architecture a, DType dtype, @Nullable LoraConfig lora) {
      this.a = a;
      this.dtype = dtype;
      this.bytes = dtype.bytes();
      this.shapes = lora == null ? Map.of() : lora.resolve(a);
      this.whole =
          lora == null
              ? 0
              : lora.trainedModules(a).size() * (long) a.vocabularySize() * a.embedding().width();
      this.decomposed = lora != null && lora.variant() == LoraVariant.DORA;
      this.dropout = lora != null && lora.dropout() > 0;
      Map<String, long[]> tensors = a.tensors();
      this.biases =
          lora == null
              ? 0
              : lora.trainedBiases(a).stream()
                  .mapToLong(m -> Objects.requireNonNull(tensors.get(m + ".bias"))[0])
                  .sum();
      this.rows =
          lora == null
              ? 0
              : lora.trainedTokens(a).values().stream()
                  .mapToLong(tokens -> (long) tokens.size() * a.embedding().width())
                  .sum();
    }

    private int rank(Projection projection, Projection.Member member) {
      LoraShape shape = shapes.get(projection.path(member));
      return shape == null ? 0 : shape.rank();
    }

    private long room(Projection projection) {
      return projection.members().stream().mapToInt(m -> rank(projection, m)).sum();
    }

    /**
     * All base weights; quantised ones with the buffer in which one projection is computed with.
     */
    long weights(@Nullable Quantization quantization) {
      List<Projection> projections = a.projections();
      if (quantization == null) {
        long room = projections.stream().mapToLong(p -> p.outputs() * room(p)).sum();
        return (ModelWeights.count(a) + room) * bytes;
      }
      long linear = 0;
      long quantized = 0;
      long largest = 0;
      for (Projection p : projections) {
        for (Projection.Member m : p.members()) {
          long weights = (long) m.outputs() * p.inputs();
          linear += weights;
          quantized += quantization.bytes(weights);
        }
        largest = Math.max(largest, DequantizationBuffer.elements(p, room(p)));
      }
      return (ModelWeights.count(a) - linear) * bytes
          + quantized
          + DequantizationBuffer.bytes(dtype, largest);
    }

    long adapters() {
      long inputs = 0;
      long outputs = 0;
      long magnitudes = 0;
      for (Projection p : a.projections()) {
        inputs += p.inputs() * room(p);
        for (Projection.Member m : p.members()) {
          outputs += (long) rank(p, m) * m.outputs();
          magnitudes += decomposed && rank(p, m) > 0 ? m.outputs() : 0;
        }
      }
      long working = dtype == DType.FLOAT32 ? 0 : inputs * bytes;
      // In float32 the trained matrices are computed with as they are.
      long saved = dtype == DType.FLOAT32 ? whole * Float.BYTES : 0;
      // Beside the magnitudes lie norms and factors.
      return (inputs + outputs + magnitudes + tables() + whole + rows + biases)
              * ADAMW_COPIES
              * Float.BYTES
          + 2 * magnitudes * Float.BYTES
          + working
          - saved;
    }

    /** Of embedding and head, which are computed with in float32. */
    private long tables() {
      long elements = 0;
      LoraShape embedding = shapes.get(a.embedding().module());
      if (embedding != null) {
        elements += embedding.rank() * ((long) a.vocabularySize() + a.embedding().width());
      }
      LoraShape head = shapes.get(a.head().path());
      if (head != null) {
        elements += head.rank() * ((long) a.vocabularySize() + a.head().width());
      }
      return elements;
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
      long streams = 0;
      long inner = 0;
      long largest = 0;
      for (BlockShape block : a.blocks()) {
        long kept = inner(block, tokens, lengths);
        streams += tokens * a.hiddenSize();
        inner += kept;
        largest = Math.max(largest, kept);
      }
      long kept = streams + (recompute ? largest : inner);
      return (kept + tokens * temporaryChannels()) * bytes;
    }

    /** What a block keeps beside its output. */
    private long inner(BlockShape block, long tokens, int[] lengths) {
      return switch (block) {
        case BlockShape.Residual(_, _, var branch, var outputNorm) ->
            inner(branch, tokens, lengths) + (outputNorm == null ? 0 : tokens * a.hiddenSize());
        case BlockShape.Parallel(_, var attention, var mlp) ->
            inner(attention, tokens, lengths)
                + inner(mlp, tokens, lengths)
                + tokens * a.hiddenSize();
        case BlockShape.Reprojection(_, var projection, _) ->
            tokens * (projection.inputs() + room(projection));
      };
    }

    private long inner(BranchShape branch, long tokens, int[] lengths) {
      Projection in = branch.input();
      Projection out = branch.output();
      long input = in.inputs() + room(in);
      return switch (branch) {
        case AttentionShape attention ->
            tokens
                    * (input
                        + out.inputs()
                        + room(out)
                        + (attention.headNorms() == null ? 0 : in.outputs()))
                + scores(attention.heads(), lengths);
        case MlpShape _ -> tokens * (input + in.outputs());
      };
    }

    /** Padded queries, keys and values, and the probabilities. */
    private static long scores(AttentionShape.Heads heads, int[] lengths) {
      return PackedRows.groups(lengths).stream()
          .mapToLong(group -> {
            long width = Arrays.stream(group).max().orElseThrow();
            return group.length * width * (heads.inputs() + heads.queries() * width);
          })
          .sum();
    }

    /**
     * Of the backward pass through the MLP: both gradients and one more of the inner width. With
     * magnitudes the products again and their gradients, and with dropout those of the dropped
     * input, too.
     */
    private long temporaryChannels() {
      long widest =
          a.projections().stream()
              .mapToLong(p -> Math.max(p.inputs(), p.outputs()))
              .max()
              .orElse(0);
      int more = decomposed ? (dropout ? 4 : 2) : 0;
      return (2 + more) * widest + 3L * a.hiddenSize();
    }

    /** One chunk of logits in float32 and twice in the model's precision. */
    long workspaceOfLoss() {
      return LanguageModelHead.CHUNK_BYTES * (1 + 2L * bytes / Float.BYTES);
    }
  }
}
