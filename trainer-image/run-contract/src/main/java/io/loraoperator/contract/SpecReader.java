package io.loraoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads a specification strictly: whatever cannot be carried out is refused by name. */
public final class SpecReader {

  private final SpecTree tree;
  private final Map<String, Source.Local> local;

  private SpecReader(JsonNode spec, Map<String, Source.Local> local) {
    this.tree = new SpecTree(spec);
    this.local = local;
  }

  /**
   * Reads a specification.
   *
   * @param spec the tree under {@code spec}
   * @throws InvalidSpecException if a field is unknown, mistyped, out of range, missing or not
   *     supported yet
   */
  public static FineTuneSpec read(JsonNode spec) {
    return read(spec, Map.of());
  }

  /**
   * Reads a specification some of whose sources are replaced by files of this machine.
   *
   * @param local by the source's path, such as {@code baseModel.source}; {@code dataset.evaluation}
   *     replaces a fraction, too
   */
  public static FineTuneSpec read(JsonNode spec, Map<String, Source.Local> local) {
    SpecChecks.check(spec, local.keySet());
    return new SpecReader(spec, local).spec();
  }

  /** Puts the parts of a run document and of an attempt document together again. */
  public static ObjectNode merge(JsonNode runSpec, JsonNode attemptSpec) {
    ObjectNode merged = runSpec.deepCopy();
    mergeInto(merged, attemptSpec);
    return merged;
  }

  private static void mergeInto(ObjectNode target, JsonNode source) {
    for (Map.Entry<String, JsonNode> entry : source.properties()) {
      if (entry.getValue() instanceof ObjectNode child
          && target.get(entry.getKey()) instanceof ObjectNode existing) {
        mergeInto(existing, child);
      } else {
        target.set(entry.getKey(), entry.getValue().deepCopy());
      }
    }
  }

  private FineTuneSpec spec() {
    return new FineTuneSpec(
        new FineTuneSpec.BaseModel(
            source("baseModel.source"),
            tree.choice("baseModel.precision", FineTuneSpec.Precision.class),
            quantization(),
            tree.texts("baseModel.addedTokens")),
        dataset(),
        new FineTuneSpec.Loss(
            lossTokens(),
            tree.textOrNull("loss.responseTemplate"),
            tree.textOrNull("loss.instructionTemplate")),
        new FineTuneSpec.Lora(
            tree.integer("lora.rank"),
            tree.integer("lora.alpha"),
            tree.decimal("lora.dropout"),
            tree.texts("lora.targetModules"),
            tree.texts("lora.excludeModules"),
            layers(),
            tree.integers("lora.rankPattern"),
            tree.integers("lora.alphaPattern"),
            tree.choice("lora.bias", FineTuneSpec.Bias.class),
            tree.choice("lora.variant", FineTuneSpec.LoraVariant.class),
            tree.texts("lora.modulesToSave"),
            tree.has("lora.initialAdapter") || local.containsKey("lora.initialAdapter")
                ? source("lora.initialAdapter")
                : null),
        training(),
        new FineTuneSpec.Checkpointing(
            tree.integer("checkpoint.everySteps"),
            tree.flag("checkpoint.everyEpoch"),
            tree.integer("checkpoint.keepLast"),
            tree.flag("checkpoint.onTermination"),
            tree.integer("checkpoint.terminationGracePeriodSeconds")),
        new FineTuneSpec.Output(
            source("output.destination"), tree.flag("output.merge"), pushToHub()),
        new FineTuneSpec.Samples(
            tree.texts("samples.prompts"), tree.integer("samples.maxNewTokens")),
        new FineTuneSpec.Tracking(
            tree.flag("tracking.tensorBoard"),
            tree.has("tracking.mlflow")
                ? new FineTuneSpec.Mlflow(
                    tree.text("tracking.mlflow.trackingUri"),
                    tree.textOrNull("tracking.mlflow.experiment"))
                : null));
  }

  private FineTuneSpec.@Nullable Quantization quantization() {
    String path = "baseModel.quantization.";
    if (!"NF4".equals(tree.textOrNull(path + "type"))) {
      return null;
    }
    return new FineTuneSpec.Quantization(
        tree.has(path + "doubleQuantization") && tree.flag(path + "doubleQuantization"),
        Objects.requireNonNullElse(
            tree.integerOrNull(path + "blockSize"), FineTuneSpec.Quantization.DEFAULT_BLOCK_SIZE));
  }

  private FineTuneSpec.@Nullable Layers layers() {
    return tree.has("lora.layers")
        ? new FineTuneSpec.Layers(
            tree.integer("lora.layers.from"), tree.integerOrNull("lora.layers.to"))
        : null;
  }

  /** A chat trains its assistant; a text without a response template has no completion. */
  private FineTuneSpec.LossTokens lossTokens() {
    if (tree.has("loss.tokens")) {
      return tree.choice("loss.tokens", FineTuneSpec.LossTokens.class);
    }
    if (tree.has("dataset.prompt.messages")) {
      return FineTuneSpec.LossTokens.Assistant;
    }
    return tree.has("dataset.prompt.text") && !tree.has("loss.responseTemplate")
        ? FineTuneSpec.LossTokens.All
        : FineTuneSpec.LossTokens.Completion;
  }

  private FineTuneSpec.Dataset dataset() {
    return new FineTuneSpec.Dataset(
        data("dataset.train"),
        evaluation(),
        prompt(),
        tree.integer("dataset.maxLength"),
        tree.choice("dataset.overlong", FineTuneSpec.Overlong.class));
  }

  private FineTuneSpec.DataFile data(String path) {
    return new FineTuneSpec.DataFile(
        source(path + ".source"),
        tree.choice(path + ".format", FineTuneSpec.Format.class),
        new FineTuneSpec.Rows(
            tree.integer(path + ".rows.from"), tree.integerOrNull(path + ".rows.to")));
  }

  private FineTuneSpec.@Nullable Evaluation evaluation() {
    String path = "dataset.evaluation";
    if (local.containsKey(path + ".source") || tree.has(path + ".source")) {
      return new FineTuneSpec.Evaluation.OwnData(data(path));
    }
    BigDecimal fraction = tree.decimalOrNull(path + ".fraction");
    return fraction == null ? null : new FineTuneSpec.Evaluation.Fraction(fraction);
  }

  private FineTuneSpec.Prompt prompt() {
    String path = "dataset.prompt";
    if (tree.has(path + ".text")) {
      return new FineTuneSpec.Prompt.Text(tree.text(path + ".text.field"));
    }
    if (tree.has(path + ".promptCompletion")) {
      return new FineTuneSpec.Prompt.PromptCompletion(
          tree.text(path + ".promptCompletion.promptField"),
          tree.text(path + ".promptCompletion.completionField"));
    }
    if (tree.has(path + ".messages")) {
      return new FineTuneSpec.Prompt.Messages(
          tree.text(path + ".messages.field"), tree.textOrNull(path + ".messages.chatTemplate"));
    }
    return new FineTuneSpec.Prompt.Template(
        tree.text(path + ".template.prompt"), tree.textOrNull(path + ".template.completion"));
  }

  private FineTuneSpec.Training training() {
    String path = "training.";
    BigDecimal epochs = tree.decimalOrNull(path + "epochs");
    return new FineTuneSpec.Training(
        epochs == null
            ? new FineTuneSpec.Extent.MaxSteps(tree.integer(path + "maxSteps"))
            : new FineTuneSpec.Extent.Epochs(epochs),
        tree.integer(path + "batchSize"),
        tree.integer(path + "gradientAccumulationSteps"),
        tree.decimal(path + "learningRate"),
        new FineTuneSpec.Schedule(
            tree.choice(path + "schedule.type", FineTuneSpec.ScheduleType.class),
            tree.decimalOrNull(path + "schedule.warmupRatio"),
            tree.integerOrNull(path + "schedule.warmupSteps")),
        new FineTuneSpec.Optimizer(
            tree.decimal(path + "optimizer.weightDecay"),
            tree.decimal(path + "optimizer.beta1"),
            tree.decimal(path + "optimizer.beta2"),
            tree.decimal(path + "optimizer.epsilon")),
        tree.decimal(path + "maxGradientNorm"),
        tree.flag(path + "gradientCheckpointing"),
        tree.flag(path + "tf32"),
        tree.choice(path + "packing", FineTuneSpec.Packing.class),
        tree.flag(path + "groupByLength"),
        tree.flag(path + "shuffle"),
        tree.decimalOrNull(path + "neftuneNoiseAlpha"),
        tree.integer(path + "seed"),
        tree.integer(path + "logEverySteps"),
        tree.integerOrNull(path + "evaluateEverySteps"),
        tree.has(path + "earlyStopping")
            ? new FineTuneSpec.EarlyStopping(tree.integer(path + "earlyStopping.patience"))
            : null);
  }

  private FineTuneSpec.@Nullable PushToHub pushToHub() {
    String path = "output.pushToHub";
    if (!tree.has(path)) {
      return null;
    }
    return new FineTuneSpec.PushToHub(
        new Source.HuggingFace(
            tree.text(path + ".repository"),
            null,
            null,
            null,
            tree.text(path + ".tokenSecretName"),
            tree.textOrNull(path + ".endpoint")),
        tree.flag(path + ".private"));
  }

  private Source source(String path) {
    Source.Local replacement = local.get(path);
    if (replacement != null) {
      return replacement;
    }
    if (tree.has(path + ".s3")) {
      return new Source.S3(
          tree.text(path + ".s3.uri"),
          tree.textOrNull(path + ".s3.secretName"),
          tree.textOrNull(path + ".s3.endpoint"),
          tree.textOrNull(path + ".s3.region"),
          tree.textOrNull(path + ".s3.caConfigMapName"));
    }
    if (tree.has(path + ".configMap")) {
      return new Source.ConfigMap(
          tree.text(path + ".configMap.name"), tree.text(path + ".configMap.key"));
    }
    if (tree.has(path + ".huggingFace")) {
      String hub = path + ".huggingFace.";
      return new Source.HuggingFace(
          tree.text(hub + "repository"),
          tree.textOrNull(hub + "revision"),
          tree.textOrNull(hub + "config"),
          tree.textOrNull(hub + "split"),
          tree.textOrNull(hub + "tokenSecretName"),
          tree.textOrNull(hub + "endpoint"));
    }
    if (tree.has(path + ".image")) {
      return new Source.Image(tree.text(path + ".image.reference"));
    }
    return new Source.PersistentVolumeClaim(
        tree.text(path + ".persistentVolumeClaim.claimName"),
        Objects.requireNonNullElse(tree.textOrNull(path + ".persistentVolumeClaim.path"), ""));
  }
}
