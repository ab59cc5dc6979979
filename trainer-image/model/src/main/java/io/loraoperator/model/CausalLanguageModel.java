package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import io.loraoperator.torch.Torch;
import io.loraoperator.torch.WeightSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The decoder, its head and its adapters, behind the interface that a trainer sees. */
final class CausalLanguageModel implements FineTunableModel {

  /** oneDNN builds a primitive for each shape: rounding up makes shapes recur. */
  private static final int SHAPE_MULTIPLE = 8;

  private final Architecture architecture;
  private final DType dtype;
  private final TensorScope scope;
  private final @Nullable AdapterParameters adapters;
  private final TrainedMatrix embedding;
  private final Decoder decoder;
  private final LanguageModelHead head;
  private final PositionTables tables;
  private boolean recompute;
  private EmbeddingNoise noise;

  private CausalLanguageModel(
      Architecture architecture,
      ModelWeights source,
      TensorScope scope,
      @Nullable Quantization quantization,
      @Nullable LoraConfig lora) {
    this.architecture = architecture;
    this.noise = new EmbeddingNoise(0, architecture.embedding().width());
    this.dtype = source.dtype();
    this.scope = scope;
    this.adapters = lora == null ? null : new AdapterParameters(scope, lora, architecture);
    ModelWeights weights =
        quantization == null
            ? source
            : source.quantized(
                DequantizationBuffer.of(
                    scope, quantization, dtype, largestProjection(architecture, adapters)));
    this.embedding =
        TrainedMatrix.load(scope, weights, adapters, architecture.embedding().module());
    this.decoder = Decoder.load(scope, architecture, weights, adapters, embedding);
    this.head = LanguageModelHead.load(scope, architecture, weights, adapters, embedding);
    this.tables = new PositionTables(scope, architecture, weights, SHAPE_MULTIPLE);
  }

  static CausalLanguageModel load(
      Architecture architecture,
      WeightSource source,
      Precision precision,
      @Nullable Quantization quantization,
      @Nullable LoraConfig lora) {
    Execution execution = Execution.choose(precision, Torch::has);
    Torch.use(execution.device());
    ModelWeights weights = ModelWeights.check(architecture, source, execution.dtype());
    var scope = new TensorScope();
    try {
      return new CausalLanguageModel(architecture, weights, scope, quantization, lora);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  private static long largestProjection(
      Architecture architecture, @Nullable AdapterParameters adapters) {
    return architecture.projections().stream()
        .mapToLong(
            p -> DequantizationBuffer.elements(p, adapters == null ? 0 : adapters.layout().room(p)))
        .max()
        .orElse(0);
  }

  @Override
  public void recomputeActivations(boolean recomputed) {
    recompute = recomputed;
  }

  @Override
  public void embeddingNoise(double alpha) {
    noise = new EmbeddingNoise(alpha, noise.channels());
  }

  @Override
  public double accumulate(List<Row> rows, double scale, StepKey key) {
    trained();
    try (TensorScope step = new TensorScope()) {
      Pass.Packed pass = pass(step, rows, SHAPE_MULTIPLE, key);
      if (pass.rows().trainedTokens() == 0) {
        return 0;
      }
      try (Decoder.Trace trace = decoder.trace(pass, pass.rows().ids(), recompute)) {
        LanguageModelHead.Loss loss = head.loss(step, trace.output(), pass, scale);
        trace.backward(loss.gradient());
        return K.number("item", loss.lossSum()); // last: reading a number waits for a device
      }
    }
  }

  @Override
  public Evaluation evaluate(List<Row> rows) {
    try (TensorScope step = new TensorScope()) {
      Pass.Packed pass = pass(step, rows, SHAPE_MULTIPLE, null);
      return head.evaluate(decoder.forward(step, pass, pass.rows().ids()), pass.rows());
    }
  }

  @Override
  public float[] logits(int[] ids) {
    try (TensorScope step = new TensorScope()) {
      Pass.Packed pass = pass(step, List.of(new Row(ids, new boolean[ids.length])), 1, null);
      return head.logits(step, decoder.forward(step, pass, pass.rows().ids())).toFloats();
    }
  }

  @Override
  public Generation generate(
      int[] prompt,
      int maxNewTokens,
      Set<Integer> stopIds,
      Sampling sampling,
      IntPredicate onToken) {
    if (prompt.length == 0 || maxNewTokens < 1) {
      throw new IllegalArgumentException("generation needs a prompt and at least one new token");
    }
    var sampler = new TokenSampler(sampling);
    sampler.saw(prompt);
    List<Integer> generated = new ArrayList<>();
    tables.requireLearned(prompt.length);
    // The last token is not read, so it needs no position.
    int most =
        Math.toIntExact(
            Math.min(maxNewTokens, architecture.longestSequence() - (long) prompt.length + 1));
    int capacity = Math.addExact(prompt.length, most);
    tables.reach(capacity);
    try (var cache = new KeyValueCache(architecture.attentions(), dtype, capacity)) {
      int[] next = prompt;
      int position = 0;
      while (generated.size() < most) {
        int token = sampler.next(nextLogits(cache, position, next));
        if (stopIds.contains(token)) {
          return new Generation(toArray(generated), OptionalInt.of(token));
        }
        generated.add(token);
        if (!onToken.test(token)) {
          break;
        }
        sampler.saw(token);
        position += next.length;
        next = new int[] {token};
        if (tables.changesBetween(position, position + 1)) {
          // Every key so far was turned by other angles.
          next =
              IntStream.concat(IntStream.of(prompt), generated.stream().mapToInt(i -> i)).toArray();
          position = 0;
        }
      }
    }
    return new Generation(toArray(generated), OptionalInt.empty());
  }

  private float[] nextLogits(KeyValueCache cache, int position, int[] ids) {
    try (TensorScope step = new TensorScope()) {
      PackedRows row =
          PackedRows.of(
              step,
              List.of(new Row(ids, new boolean[ids.length])),
              architecture.vocabularySize(),
              1);
      var pass = new Pass.Cached(cache, position, tables.of(step, position, position + ids.length));
      return head.lastLogits(step, decoder.forward(step, pass, row.ids())).toFloats();
    }
  }

  private static int[] toArray(List<Integer> list) {
    return list.stream().mapToInt(i -> i).toArray();
  }

  private Pass.Packed pass(
      TensorScope step, List<Row> rows, int multiple, @Nullable StepKey dropout) {
    PackedRows packed = PackedRows.of(step, rows, architecture.vocabularySize(), multiple);
    int[] own = IntStream.of(packed.order()).map(i -> rows.get(i).ids().length).toArray();
    Tensor noise =
        dropout == null || this.noise.alpha() == 0
            ? null
            : step.own(
                Tensor.of(
                    this.noise.draw(packed, rows, dropout),
                    packed.tokens(),
                    this.noise.channels()));
    return new Pass.Packed(packed, tables.of(step, packed, own), dropout, noise);
  }

  @Override
  public Map<String, HostTensor> adapter() {
    return trained().read(trained().values());
  }

  @Override
  public void loadAdapter(Map<String, HostTensor> adapter) {
    trained().write(trained().values(), adapter);
    refresh();
  }

  @Override
  public Map<String, HostTensor> gradients() {
    return trained().read(trained().gradients());
  }

  @Override
  public AdamW optimizer(AdamWConfig config) {
    return new AdamW(config, trained(), this::refresh);
  }

  private void refresh() {
    embedding.refresh();
    head.refresh();
    decoder.refresh();
  }

  @Override
  public List<String> resolvedTargets() {
    return trained().targets();
  }

  @Override
  public long parameterCount() {
    return ModelWeights.count(architecture) + trainableParameterCount();
  }

  @Override
  public long trainableParameterCount() {
    return adapters == null ? 0 : adapters.values().elements();
  }

  private AdapterParameters trained() {
    if (adapters == null) {
      throw new IllegalStateException("the model was loaded without adapters");
    }
    return adapters;
  }

  @Override
  public void close() {
    tables.close();
    scope.close();
  }
}
