package io.loraoperator.reporter;

import io.loraoperator.contract.ProgressSnapshot;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The run's figures in the Prometheus text exposition format 0.0.4. */
final class ReporterMetrics {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final String labels;
  private final AtomicReference<@Nullable ProgressSnapshot> progress = new AtomicReference<>();
  private final AtomicLong reports = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  ReporterMetrics(ReporterConfig config) {
    this.labels =
        "{namespace=\"%s\",name=\"%s\",run=\"%d\",attempt=\"%d\"}"
            .formatted(
                config.target().namespace(),
                config.target().name(),
                config.run(),
                config.attempt());
  }

  void progress(ProgressSnapshot snapshot) {
    progress.set(snapshot);
  }

  void reported() {
    reports.incrementAndGet();
  }

  void failed() {
    failures.incrementAndGet();
  }

  /** The text that a scrape gets. */
  String text() {
    StringBuilder text = new StringBuilder();
    ProgressSnapshot p = progress.get();
    if (p != null) {
      gauge(text, "step", "Optimizer steps done.", p.step());
      gauge(text, "total_steps", "Optimizer steps of the whole run.", p.totalSteps());
      gauge(text, "epoch", "Passes over the data done.", p.epoch());
      gauge(text, "loss", "Training loss.", p.loss());
      gauge(text, "evaluation_loss", "Newest evaluation loss.", p.evaluationLoss());
      gauge(text, "learning_rate", "Learning rate of the last step.", p.learningRate());
      gauge(text, "gradient_norm", "Norm of the gradients before clipping.", p.gradientNorm());
      gauge(text, "tokens_per_second", "Training speed.", p.tokensPerSecond());
      gauge(text, "remaining_seconds", "Estimated time to the end.", p.remainingSeconds());
      gauge(
          text,
          "last_progress_timestamp_seconds",
          "Newest report of the trainer.",
          p.time().toEpochMilli() / 1000.0);
      ProgressSnapshot.Checkpoint checkpoint = p.checkpoint();
      gauge(
          text,
          "checkpoint_step",
          "Step of the newest checkpoint.",
          checkpoint == null ? null : checkpoint.step());
      metric(text, "tokens_total", "counter", "Tokens seen.", p.tokensSeen());
    }
    metric(
        text,
        "reporter_reports_total",
        "counter",
        "Reports that the API server took.",
        reports.get());
    metric(
        text,
        "reporter_failures_total",
        "counter",
        "Reports that the API server did not take.",
        failures.get());
    return text.toString();
  }

  private void gauge(StringBuilder text, String name, String help, @Nullable Number value) {
    metric(text, name, "gauge", help, value);
  }

  private void metric(
      StringBuilder text, String name, String type, String help, @Nullable Number value) {
    if (value == null) {
      return;
    }
    String full = "lora_finetune_" + name;
    text.append("# HELP ").append(full).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(full).append(' ').append(type).append('\n');
    String number = value instanceof Double d ? prometheus(d) : value.toString();
    text.append(full).append(labels).append(' ').append(number).append('\n');
  }

  private static String prometheus(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return String.format(Locale.ROOT, "%s", value);
  }
}
