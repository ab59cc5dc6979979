package io.loraoperator.contract;

import static io.loraoperator.contract.FieldKind.ATTEMPT;
import static io.loraoperator.contract.FieldKind.LIVE;
import static io.loraoperator.contract.FieldKind.RUN;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The table of every field that {@code spec} may hold: what a change of it means, the values it may
 * take and its default. The CRD's schema, the reader and the run document all follow it.
 *
 * <p>Where the defaults come from: the optimizer, the seed and the clipping norm are transformers'
 * {@code TrainingArguments}; batch size and maximum length are TRL's {@code SFTConfig}; the
 * learning rate is ten times TRL's, as LoRA needs.
 */
public final class SpecFields {

  private static final FieldType NAME = new FieldType.Text(253);
  private static final FieldType FILE_PATH = new FieldType.Text(1024);
  private static final FieldType URI = new FieldType.Text(1024);
  private static final FieldType TEMPLATE = new FieldType.Text(16_384);
  private static final FieldType FLAG = new FieldType.Flag();
  private static final FieldType QUANTITY = new FieldType.Quantity();
  private static final FieldType POSITIVE = whole(1, Integer.MAX_VALUE);
  private static final FieldType INDEX = whole(0, Integer.MAX_VALUE);
  private static final JsonNode OFF = BooleanNode.FALSE;
  private static final JsonNode ON = BooleanNode.TRUE;

  private static final Map<String, SpecField> FIELDS = table();

  private SpecFields() {}

  /** All fields, in the order in which the documentation lists them. */
  public static Collection<SpecField> all() {
    return FIELDS.values();
  }

  /** The field of a path such as {@code training.batchSize}. */
  public static Optional<SpecField> find(String path) {
    return Optional.ofNullable(FIELDS.get(path));
  }

  /** Whether some field lies below the path, so that it names an object. */
  public static boolean isObject(String path) {
    return FIELDS.keySet().stream().anyMatch(field -> field.startsWith(path + "."));
  }

  private static Map<String, SpecField> table() {
    Table t = new Table();
    baseModel(t);
    dataset(t);
    loss(t);
    lora(t);
    training(t);
    results(t);
    execution(t);
    return Collections.unmodifiableMap(t.fields);
  }

  private static void baseModel(Table t) {
    t.source("baseModel.source");
    t.huggingFace("baseModel.source.huggingFace");
    t.add("baseModel.source.image.reference", RUN, URI);
    t.add("baseModel.precision", RUN, choice("Float32", "BFloat16", "Float16"), text("BFloat16"));
    t.add("baseModel.quantization.type", RUN, choice("None", "NF4"), text("None"));
    t.add("baseModel.quantization.doubleQuantization", RUN, FLAG);
    t.add("baseModel.quantization.blockSize", RUN, whole(32, 4096));
    t.add("baseModel.attention", RUN, choice("Auto", "Sdpa", "Eager"), text("Auto"));
    t.add("baseModel.addedTokens", RUN, new FieldType.TextList(1024, 128), emptyList());
  }

  private static void dataset(Table t) {
    for (String part : List.of("dataset.train", "dataset.evaluation")) {
      t.source(part + ".source");
      t.add(part + ".source.configMap.name", RUN, NAME);
      t.add(part + ".source.configMap.key", RUN, NAME);
      t.huggingFace(part + ".source.huggingFace");
      t.add(part + ".source.huggingFace.config", RUN, NAME);
      t.add(part + ".source.huggingFace.split", RUN, NAME);
      t.add(
          part + ".format",
          RUN,
          choice("Auto", "JsonLines", "Json", "Csv", "Tsv", "Parquet", "Text"),
          text("Auto"));
      t.add(part + ".rows.from", RUN, INDEX, number(0));
      t.add(part + ".rows.to", RUN, POSITIVE);
    }
    t.add("dataset.evaluation.fraction", RUN, decimal("0", false, "1", false));
    t.add("dataset.prompt.text.field", RUN, NAME);
    t.add("dataset.prompt.promptCompletion.promptField", RUN, NAME);
    t.add("dataset.prompt.promptCompletion.completionField", RUN, NAME);
    t.add("dataset.prompt.messages.field", RUN, NAME);
    t.add("dataset.prompt.messages.chatTemplate", RUN, TEMPLATE);
    t.add("dataset.prompt.template.prompt", RUN, TEMPLATE);
    t.add("dataset.prompt.template.completion", RUN, TEMPLATE);
    t.add("dataset.maxLength", RUN, whole(8, 1 << 20), number(1024));
    t.add("dataset.overlong", RUN, choice("Truncate", "Drop", "Fail"), text("Truncate"));
  }

  private static void loss(Table t) {
    t.add("loss.tokens", RUN, choice("Completion", "Assistant", "All"));
    t.add("loss.responseTemplate", RUN, new FieldType.Text(1024));
    t.add("loss.instructionTemplate", RUN, new FieldType.Text(1024));
  }

  private static void lora(Table t) {
    t.add("lora.rank", RUN, whole(1, 1024), number(16));
    t.add("lora.alpha", RUN, whole(1, 65_536), number(32));
    t.add("lora.dropout", RUN, decimal("0", true, "1", false), text("0"));
    t.add("lora.targetModules", RUN, new FieldType.TextList(64, 256), emptyList());
    t.add("lora.excludeModules", RUN, new FieldType.TextList(64, 256), emptyList());
    t.add("lora.layers.from", RUN, INDEX, number(0));
    t.add("lora.layers.to", RUN, POSITIVE);
    t.add("lora.rankPattern", RUN, new FieldType.WholeMapping(64, 1, 1024), emptyMap());
    t.add("lora.alphaPattern", RUN, new FieldType.WholeMapping(64, 1, 65_536), emptyMap());
    t.add("lora.bias", RUN, choice("None", "All", "LoraOnly"), text("None"));
    t.add("lora.variant", RUN, choice("Standard", "RankStabilized", "DoRA"), text("Standard"));
    t.add("lora.modulesToSave", RUN, new FieldType.TextList(16, 256), emptyList());
    t.source("lora.initialAdapter");
    t.huggingFace("lora.initialAdapter.huggingFace");
  }

  private static void training(Table t) {
    t.add("training.epochs", RUN, decimal("0", false, "100000", true));
    t.add("training.maxSteps", RUN, POSITIVE);
    t.add("training.batchSize", RUN, whole(1, 4096), number(8));
    t.add("training.gradientAccumulationSteps", RUN, whole(1, 4096), number(1));
    t.add("training.learningRate", RUN, decimal("0", false, "10", true), text("0.0002"));
    t.add(
        "training.schedule.type",
        RUN,
        choice("Constant", "Linear", "Cosine", "ConstantWithWarmup"),
        text("Linear"));
    t.add("training.schedule.warmupRatio", RUN, decimal("0", true, "1", true));
    t.add("training.schedule.warmupSteps", RUN, INDEX);
    t.add("training.optimizer.type", RUN, choice("AdamW"), text("AdamW"));
    t.add("training.optimizer.weightDecay", RUN, decimal("0", true, "10", true), text("0"));
    t.add("training.optimizer.beta1", RUN, decimal("0", true, "1", false), text("0.9"));
    t.add("training.optimizer.beta2", RUN, decimal("0", true, "1", false), text("0.999"));
    t.add("training.optimizer.epsilon", RUN, decimal("0", false, "1", true), text("0.00000001"));
    t.add("training.maxGradientNorm", RUN, decimal("0", true, "1000000", true), text("1"));
    t.add("training.gradientCheckpointing", RUN, FLAG, OFF);
    t.add("training.tf32", RUN, FLAG, OFF);
    t.add("training.packing", RUN, choice("None", "Greedy"), text("None"));
    t.add("training.groupByLength", RUN, FLAG, OFF);
    t.add("training.shuffle", RUN, FLAG, ON);
    t.add("training.neftuneNoiseAlpha", RUN, decimal("0", false, "1000", true));
    t.add("training.seed", RUN, INDEX, number(42));
    t.add("training.logEverySteps", RUN, POSITIVE, number(10));
    t.add("training.evaluateEverySteps", RUN, POSITIVE);
    t.add("training.earlyStopping.patience", RUN, POSITIVE);
  }

  private static void results(Table t) {
    // How often checkpoints are written changes no number of the result.
    t.add("checkpoint.everySteps", ATTEMPT, INDEX, number(100));
    t.add("checkpoint.everyEpoch", ATTEMPT, FLAG, OFF);
    t.add("checkpoint.keepLast", ATTEMPT, whole(1, 100), number(3));
    t.add("checkpoint.onTermination", ATTEMPT, FLAG, ON);
    t.add("checkpoint.terminationGracePeriodSeconds", ATTEMPT, whole(30, 3600), number(120));
    t.source("output.destination");
    t.add("output.merge", RUN, FLAG, OFF);
    t.add("output.pushToHub.repository", RUN, new FieldType.HubRepository());
    t.add("output.pushToHub.tokenSecretName", ATTEMPT, NAME);
    t.add("output.pushToHub.endpoint", ATTEMPT, new FieldType.HttpUrl());
    t.add("output.pushToHub.private", RUN, FLAG, ON);
    t.add("samples.prompts", RUN, new FieldType.TextList(32, 4096), emptyList());
    t.add("samples.maxNewTokens", RUN, whole(1, 4096), number(64));
  }

  private static void execution(Table t) {
    t.add("tracking.tensorBoard", ATTEMPT, FLAG, OFF);
    t.add("tracking.mlflow.trackingUri", ATTEMPT, new FieldType.HttpUrl());
    t.add("tracking.mlflow.experiment", ATTEMPT, NAME);
    t.add("resources.gpus", ATTEMPT, whole(0, 64), number(1));
    t.add("resources.gpuResourceName", ATTEMPT, NAME, text("nvidia.com/gpu"));
    t.add("resources.cpu", ATTEMPT, QUANTITY);
    t.add("resources.memory", ATTEMPT, QUANTITY);
    t.add("resources.ephemeralStorage", ATTEMPT, QUANTITY);
    t.add("cache.persistentVolumeClaim.claimName", ATTEMPT, NAME);
    t.add("cache.persistentVolumeClaim.path", ATTEMPT, FILE_PATH);
    t.add("scheduling.queueName", ATTEMPT, NAME);
    t.add("scheduling.priorityClassName", ATTEMPT, NAME);
    t.add("scheduling.nodeSelector", ATTEMPT, new FieldType.Mapping(), emptyMap());
    t.add("scheduling.tolerations", ATTEMPT, new FieldType.ObjectList(), emptyList());
    t.add("scheduling.runtimeClassName", ATTEMPT, NAME);
    t.add("preflight.enabled", ATTEMPT, FLAG, OFF);
    t.add("suspend", LIVE, FLAG, OFF);
    t.add("restart", LIVE, new FieldType.Text(256), text(""));
    t.add("backoffLimit", LIVE, whole(0, 100), number(3));
    t.add("activeDeadlineSeconds", LIVE, POSITIVE);
    t.add("ttlSecondsAfterFinished", LIVE, INDEX);
  }

  private static FieldType whole(long minimum, long maximum) {
    return new FieldType.Whole(minimum, maximum);
  }

  private static FieldType decimal(
      String above, boolean aboveIncluded, String below, boolean belowIncluded) {
    return new FieldType.Decimal(
        new BigDecimal(above), aboveIncluded, new BigDecimal(below), belowIncluded);
  }

  private static FieldType choice(String... values) {
    return new FieldType.Choice(List.of(values));
  }

  private static JsonNode text(String value) {
    return TextNode.valueOf(value);
  }

  private static JsonNode number(int value) {
    return IntNode.valueOf(value);
  }

  private static JsonNode emptyList() {
    return JsonNodeFactory.instance.arrayNode();
  }

  private static JsonNode emptyMap() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** The rows, while they are added. */
  private static final class Table {
    private final Map<String, SpecField> fields = new LinkedHashMap<>();

    void add(String path, FieldKind kind, FieldType type) {
      add(path, kind, type, null);
    }

    void add(String path, FieldKind kind, FieldType type, @Nullable JsonNode defaultValue) {
      if (fields.put(path, new SpecField(path, kind, type, defaultValue)) != null) {
        throw new IllegalStateException("two rows for " + path);
      }
    }

    /** The sources that everything can come from. Addresses are the run's, access the attempt's. */
    void source(String path) {
      add(path + ".s3.uri", RUN, new FieldType.S3Uri());
      add(path + ".s3.secretName", ATTEMPT, NAME);
      add(path + ".s3.endpoint", ATTEMPT, URI);
      add(path + ".s3.region", ATTEMPT, new FieldType.Text(64));
      add(path + ".s3.caConfigMapName", ATTEMPT, NAME);
      add(path + ".persistentVolumeClaim.claimName", RUN, NAME);
      add(path + ".persistentVolumeClaim.path", RUN, FILE_PATH);
    }

    void huggingFace(String path) {
      add(path + ".repository", RUN, new FieldType.HubRepository());
      add(path + ".revision", RUN, NAME);
      add(path + ".tokenSecretName", ATTEMPT, NAME);
      add(path + ".endpoint", ATTEMPT, new FieldType.HttpUrl());
    }
  }
}
