package io.loraoperator.trainer.tracking;

import io.loraoperator.trainer.artifacts.LogEntry;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a line of the training log under the names that transformers and TRL log them by.
 *
 * @see <a href="https://huggingface.co/docs/transformers/main_classes/callback">transformers'
 *     callbacks</a>
 */
final class TrackedMetrics {

  private static final String EVALUATION = "eval_";

  private TrackedMetrics() {}

  /** Such as {@code loss} and {@code eval_loss}, in a fixed order. */
  static Map<String, Double> of(LogEntry entry) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("epoch", entry.epoch());
    metrics.put("num_tokens", (double) entry.tokensSeen());
    put(metrics, "loss", entry.loss());
    put(metrics, "learning_rate", entry.learningRate());
    put(metrics, "grad_norm", entry.gradNorm());
    put(metrics, "tokens_per_second", entry.tokensPerSecond());
    put(metrics, EVALUATION + "loss", entry.evaluationLoss());
    put(metrics, EVALUATION + "mean_token_accuracy", entry.evaluationTokenAccuracy());
    return metrics;
  }

  private static void put(Map<String, Double> metrics, String name, @Nullable Double value) {
    if (value != null) {
      metrics.put(name, value);
    }
  }

  /** The name under which transformers' callback for TensorBoard writes a figure. */
  static String tag(String name) {
    return name.startsWith(EVALUATION)
        ? "eval/" + name.substring(EVALUATION.length())
        : "train/" + name;
  }
}
