package io.loraoperator.reporter;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.contract.ProgressSnapshot;
import io.loraoperator.reporter.ReporterConfig.Target;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of the object that the reporter owns, as server-side apply wants it: what is left out
 * here is removed there, so every patch says everything.
 */
final class StatusPatch {
  static final String API_VERSION = "finetune.loraoperator.io/v1alpha1";
  static final String KIND = "LoraFineTune";
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private StatusPatch() {}

  /** The object's identity alone. */
  static ObjectNode identity(Target target) {
    ObjectNode document = NODES.objectNode();
    document.put("apiVersion", API_VERSION);
    document.put("kind", KIND);
    document
        .putObject("metadata")
        .put("name", target.name())
        .put("namespace", target.namespace())
        .put("uid", target.uid());
    return document;
  }

  /** The whole patch; {@code progress} is null before the trainer's first report. */
  static ObjectNode of(
      ReporterConfig config,
      @Nullable ProgressSnapshot progress,
      Map<ConditionType, Condition> conditions) {
    ObjectNode document = identity(config.target());
    ObjectNode status = document.putObject("status");
    status.set("progress", progress(config, progress));
    if (progress != null && progress.checkpoint() != null) {
      status.set("checkpoint", checkpoint(progress.checkpoint()));
    }
    ArrayNode list = status.putArray("conditions");
    for (ConditionType type : ConditionType.values()) {
      Condition condition = conditions.get(type);
      if (condition != null) {
        list.add(condition(condition));
      }
    }
    return document;
  }

  private static ObjectNode progress(ReporterConfig config, @Nullable ProgressSnapshot p) {
    ObjectNode node = NODES.objectNode();
    node.put("run", config.run());
    node.put("attempt", config.attempt());
    if (p == null) {
      return node;
    }
    node.put("step", p.step());
    put(node, "totalSteps", p.totalSteps());
    node.put("stepSummary", StatusText.stepSummary(p.step(), p.totalSteps()));
    put(node, "percentage", StatusText.percentage(p.step(), p.totalSteps()));
    put(node, "epoch", StatusText.epoch(p.epoch()));
    put(node, "loss", StatusText.loss(p.loss()));
    put(node, "evaluationLoss", StatusText.loss(p.evaluationLoss()));
    put(node, "learningRate", StatusText.learningRate(p.learningRate()));
    put(node, "gradientNorm", StatusText.norm(p.gradientNorm()));
    put(node, "tokensSeen", p.tokensSeen());
    put(node, "tokensPerSecond", StatusText.perSecond(p.tokensPerSecond()));
    put(node, "remainingSeconds", p.remainingSeconds());
    put(node, "remaining", StatusText.remaining(p.remainingSeconds()));
    node.put("lastUpdateTime", p.time().toString());
    return node;
  }

  private static ObjectNode checkpoint(ProgressSnapshot.Checkpoint checkpoint) {
    return NODES
        .objectNode()
        .put("step", checkpoint.step())
        .put("uri", checkpoint.uri())
        .put("sha256", checkpoint.sha256())
        .put("time", checkpoint.time().toString());
  }

  private static ObjectNode condition(Condition condition) {
    return NODES
        .objectNode()
        .put("type", condition.type().name())
        .put("status", condition.status().name())
        .put("reason", condition.reason())
        .put("message", condition.message())
        .put("lastTransitionTime", condition.lastTransitionTime().toString());
  }

  private static void put(ObjectNode node, String name, @Nullable String value) {
    if (value != null) {
      node.put(name, value);
    }
  }

  private static void put(ObjectNode node, String name, @Nullable Integer value) {
    if (value != null) {
      node.put(name, value);
    }
  }

  private static void put(ObjectNode node, String name, @Nullable Long value) {
    if (value != null) {
      node.put(name, value);
    }
  }
}
