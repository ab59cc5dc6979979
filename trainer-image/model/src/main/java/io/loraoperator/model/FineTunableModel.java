package io.loraoperator.model;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.WeightSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A causal language model, frozen but for its LoRA adapters. For one thread at a time. Everything
 * is deterministic: the same calls on the same machine with as many threads give the same bits.
 */
public interface FineTunableModel extends AutoCloseable {

  /**
   * Loads a model.
   *
   * @param lora adapters to make, with B zero; null for a model that is not trained
   * @throws UnsupportedModelException naming a tensor that is missing, not the architecture's, or
   *     of the wrong shape; or a precision or target that is not supported
   */
  static FineTunableModel load(
      Architecture architecture,
      WeightSource weights,
      Precision precision,
      @Nullable LoraConfig lora) {
    return load(architecture, weights, precision, null, lora);
  }

  /**
   * Loads a model whose linear weights may be quantised.
   *
   * @param quantization of the linear weights but the head; null to keep them in the precision
   * @param lora adapters to make, with B zero; null for a model that is not trained
   * @throws UnsupportedModelException as {@link #load(Architecture, WeightSource, Precision,
   *     LoraConfig)}
   */
  static FineTunableModel load(
      Architecture architecture,
      WeightSource weights,
      Precision precision,
      @Nullable Quantization quantization,
      @Nullable LoraConfig lora) {
    return CausalLanguageModel.load(architecture, weights, precision, quantization, lora);
  }

  /**
   * A sequence of tokens.
   *
   * @param ids the tokens
   * @param trained which of them are targets, each predicted from those before it; the first has
   *     none before it and never counts
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Row(int[] ids, boolean[] trained) {

    /**
     * Checks that there is a mark for each token.
     *
     * @throws IllegalArgumentException if there is no token, or not a mark for each
     */
    public Row {
      if (ids.length == 0 || ids.length != trained.length) {
        throw new IllegalArgumentException(
            "a row needs tokens and a mark for each, got %d and %d"
                .formatted(ids.length, trained.length));
      }
    }

    /** How many tokens are targets. */
    public int trainedTokens() {
      int n = 0;
      for (int i = 1; i < trained.length; i++) {
        n += trained[i] ? 1 : 0;
      }
      return n;
    }
  }

  /**
   * Sets whether the forward pass keeps only each layer's input and the backward pass computes the
   * rest again: less memory for one more forward pass (Chen et al., 2016). The results are the same
   * bits. Off at first.
   */
  void recomputeActivations(boolean recomputed);

  /**
   * Sets the noise on the input embeddings in training (NEFTune, Jain et al., 2023): uniform within
   * alpha / sqrt(T C) for a row of T tokens with embeddings of C channels. None at first.
   *
   * @param alpha at least 0; 0 for none
   */
  void embeddingNoise(double alpha);

  /**
   * Forward and backward of one micro-batch; adds d (lossSum * scale) to the adapters' gradients.
   *
   * @param rows sequences of any lengths; they are not padded to each other
   * @param scale 1 / the trained tokens of the whole optimizer step
   * @param key what dropout and noise are drawn from, with the layer, the module and the row's
   *     index in {@code rows}
   * @return the sum of the trained tokens' losses, unscaled
   */
  double accumulate(List<Row> rows, double scale, StepKey key);

  /** Losses and hits of rows, without dropout or gradients. */
  Evaluation evaluate(List<Row> rows);

  /** Logits of one sequence, row-major [tokens, vocabulary]; for small uses. */
  float[] logits(int[] ids);

  /**
   * Continues a prompt, with a key-value cache. A model with learned positions stops where it has
   * no more of them.
   *
   * @param stopIds tokens that end it; they are not part of the result
   * @param onToken told each new token at once; false ends it
   */
  Generation generate(
      int[] prompt,
      int maxNewTokens,
      Set<Integer> stopIds,
      Sampling sampling,
      IntPredicate onToken);

  /**
   * Copies of the adapters' weights under PEFT's names ({@code
   * base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight}).
   */
  Map<String, HostTensor> adapter();

  /**
   * Overwrites the adapters' weights.
   *
   * @throws UnsupportedModelException naming a tensor that is missing, unknown, not float32, or of
   *     the wrong shape
   */
  void loadAdapter(Map<String, HostTensor> adapter);

  /** Copies of the gradients accumulated since the last optimizer step, named like the adapter. */
  Map<String, HostTensor> gradients();

  /** An optimizer of the adapters, with zero moments. */
  AdamW optimizer(AdamWConfig config);

  /** Modules that have adapters, as names within a layer's block ({@code q_proj}). */
  List<String> resolvedTargets();

  /** Number of base and adapter weights. */
  long parameterCount();

  /** Number of adapter weights. */
  long trainableParameterCount();

  @Override
  void close();
}
