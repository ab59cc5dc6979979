package io.loraoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The checks of a specification, in the order in which a user wants to hear of them. */
final class SpecChecks {

  /** Objects exactly one of whose members is given. */
  private record Union(String path, List<String> members, boolean required) {}

  private static final List<String> SOURCES = List.of("s3", "persistentVolumeClaim", "huggingFace");

  private static final List<Union> UNIONS =
      List.of(
          new Union(
              "baseModel.source",
              List.of("s3", "persistentVolumeClaim", "huggingFace", "image"),
              true),
          new Union(
              "dataset.train.source",
              List.of("s3", "persistentVolumeClaim", "configMap", "huggingFace"),
              true),
          new Union("dataset.evaluation", List.of("fraction", "source"), false),
          new Union(
              "dataset.evaluation.source",
              List.of("s3", "persistentVolumeClaim", "configMap", "huggingFace"),
              false),
          new Union(
              "dataset.prompt", List.of("text", "promptCompletion", "messages", "template"), true),
          new Union("lora.initialAdapter", SOURCES, false),
          new Union("training", List.of("epochs", "maxSteps"), true),
          new Union("output.destination", List.of("s3", "persistentVolumeClaim"), true));

  private SpecChecks() {}

  /**
   * Checks everything that can be checked without reading a file.
   *
   * @param replaced paths of unions that are given on the command line instead
   */
  static void check(JsonNode spec, Set<String> replaced) {
    if (!spec.isObject()) {
      throw new InvalidSpecException("spec", "is missing", "write what to do under spec:");
    }
    checkObject((ObjectNode) spec, "");
    UnsupportedFeatures.find(spec)
        .ifPresent(refusal -> {
          throw refusal;
        });
    SpecTree tree = new SpecTree(spec);
    for (Union union : UNIONS) {
      if (!replaced.contains(union.path())) {
        checkUnion(tree, union, replaced);
      }
    }
    checkLoss(tree);
    checkSchedule(tree);
    checkQuantization(tree);
    checkPush(tree);
    if (tree.flag("training.tf32") && tree.integer("resources.gpus") == 0) {
      throw new InvalidSpecException(
          "spec.training.tf32",
          "needs a GPU, and spec.resources.gpus is 0",
          "leave it out, or ask for a GPU");
    }
    checkLayers(tree);
    checkRows(tree, "dataset.train");
    checkRows(tree, "dataset.evaluation");
    for (String name : List.of("format", "rows")) {
      if (tree.has("dataset.evaluation.fraction") && tree.has("dataset.evaluation." + name)) {
        throw new InvalidSpecException(
            "spec.dataset.evaluation." + name,
            "only counts for a source of its own, and fraction is given",
            "leave it out");
      }
    }
    for (String name : List.of("evaluateEverySteps", "earlyStopping")) {
      if (tree.has("training." + name)
          && !tree.has("dataset.evaluation")
          && !replaced.contains("dataset.evaluation.source")) {
        throw new InvalidSpecException(
            "spec.training." + name,
            "there is nothing to evaluate on",
            "add spec.dataset.evaluation, or leave %s out".formatted(name));
      }
    }
  }

  private static void checkObject(ObjectNode object, String prefix) {
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      String path = prefix + entry.getKey();
      JsonNode value = entry.getValue();
      Optional<SpecField> field = SpecFields.find(path);
      if (value.isNull()) {
        continue;
      }
      if (field.isPresent()) {
        field
            .get()
            .type()
            .expectation(value)
            .ifPresent(expected -> {
              throw new InvalidSpecException(
                  "spec." + path,
                  "must be " + expected + ", not " + abbreviated(value),
                  "correct the value");
            });
      } else if (!SpecFields.isObject(path)) {
        throw new InvalidSpecException("spec." + path, "unknown field", suggestion(path));
      } else if (value instanceof ObjectNode child) {
        checkObject(child, path + ".");
      } else {
        throw new InvalidSpecException(
            "spec." + path,
            "must be an object, not " + abbreviated(value),
            "indent its fields below it");
      }
    }
  }

  private static void checkUnion(SpecTree tree, Union union, Set<String> replaced) {
    if (!union.required() && !tree.has(union.path())) {
      return;
    }
    List<String> given =
        union.members().stream()
            .filter(member -> tree.has(union.path() + "." + member))
            .filter(member -> !replaced.contains(union.path() + "." + member))
            .toList();
    boolean replacedMember =
        union.members().stream().anyMatch(m -> replaced.contains(union.path() + "." + m));
    if (given.size() == 1 || replacedMember) {
      return;
    }
    String all = String.join(", ", union.members());
    throw new InvalidSpecException(
        "spec." + union.path(),
        given.isEmpty()
            ? "none of %s is given".formatted(all)
            : "%s are given together".formatted(String.join(" and ", given)),
        "give exactly one of " + all);
  }

  private static void checkLoss(SpecTree tree) {
    boolean text = tree.has("dataset.prompt.text");
    String trained = Objects.requireNonNullElse(tree.textOrNull("loss.tokens"), "");
    boolean response = tree.has("loss.responseTemplate");
    for (String name : List.of("responseTemplate", "instructionTemplate")) {
      if (tree.has("loss." + name) && !text) {
        throw new InvalidSpecException(
            "spec.loss." + name,
            "only counts for dataset.prompt.text: the other prompts say what the completion is",
            "leave it out");
      }
      if (tree.has("loss." + name) && trained.equals("All")) {
        throw new InvalidSpecException(
            "spec.loss." + name,
            "does not fit spec.loss.tokens All, which trains every token",
            "leave it out, or set spec.loss.tokens to Completion");
      }
      if (tree.has("loss." + name) && tree.text("loss." + name).isBlank()) {
        throw new InvalidSpecException("spec.loss." + name, "must not be blank", "give it a value");
      }
    }
    boolean messages = tree.has("dataset.prompt.messages");
    if (trained.equals("Assistant") && !messages) {
      throw new InvalidSpecException(
          "spec.loss.tokens",
          "Assistant needs spec.dataset.prompt.messages: other prompts do not say who speaks",
          "use Completion with responseTemplate and instructionTemplate, or messages");
    }
    if (trained.equals("Completion") && messages) {
      throw new InvalidSpecException(
          "spec.loss.tokens",
          "Completion does not fit spec.dataset.prompt.messages",
          "use Assistant or All");
    }
    if (text && trained.equals("Completion") && !response) {
      throw new InvalidSpecException(
          "spec.loss.responseTemplate",
          "is needed to tell the completion from the rest of the text",
          "set it to what precedes an answer, such as \"### Assistant:\", or set spec.loss.tokens to All");
    }
    if (tree.has("loss.instructionTemplate") && !response) {
      throw new InvalidSpecException(
          "spec.loss.instructionTemplate",
          "ends what a responseTemplate begins, and there is none",
          "add spec.loss.responseTemplate");
    }
    if (tree.has("dataset.prompt.template")
        && !tree.has("dataset.prompt.template.completion")
        && !trained.equals("All")) {
      throw new InvalidSpecException(
          "spec.dataset.prompt.template.completion",
          "is missing",
          "add it, or set spec.loss.tokens to All to train the whole prompt");
    }
  }

  private static void checkSchedule(SpecTree tree) {
    boolean ratio = tree.has("training.schedule.warmupRatio");
    boolean steps = tree.has("training.schedule.warmupSteps");
    if (ratio && steps) {
      throw new InvalidSpecException(
          "spec.training.schedule",
          "warmupRatio and warmupSteps are given together",
          "give one of them");
    }
    if ((ratio || steps) && "Constant".equals(tree.textOrNull("training.schedule.type"))) {
      throw new InvalidSpecException(
          "spec.training.schedule.type",
          "Constant has no warm-up",
          "use ConstantWithWarmup, or leave the warm-up out");
    }
  }

  private static void checkQuantization(SpecTree tree) {
    String path = "baseModel.quantization.";
    boolean quantized = "NF4".equals(tree.textOrNull(path + "type"));
    for (String name : List.of("doubleQuantization", "blockSize")) {
      if (tree.has(path + name) && !quantized) {
        throw new InvalidSpecException(
            "spec." + path + name, "needs type NF4", "set spec.baseModel.quantization.type: NF4");
      }
    }
    Integer blockSize = tree.integerOrNull(path + "blockSize");
    if (blockSize != null && Integer.bitCount(blockSize) != 1) {
      throw new InvalidSpecException(
          "spec." + path + "blockSize",
          "must be a power of two: 32, 64, 128, 256, 512, 1024, 2048 or 4096",
          "leave it out for 64, which bitsandbytes uses");
    }
  }

  private static void checkLayers(SpecTree tree) {
    Integer to = tree.integerOrNull("lora.layers.to");
    if (to != null && to <= tree.integer("lora.layers.from")) {
      throw new InvalidSpecException(
          "spec.lora.layers.to",
          "must be greater than from: it is one past the last layer",
          "correct the range");
    }
  }

  private static void checkPush(SpecTree tree) {
    String repository = tree.textOrNull("output.pushToHub.repository");
    if (repository != null && !repository.contains("/")) {
      throw new InvalidSpecException(
          "spec.output.pushToHub.repository",
          "must name its owner, a user or an organization: owner/name",
          "write it as owner/" + repository);
    }
  }

  private static void checkRows(SpecTree tree, String data) {
    Integer to = tree.integerOrNull(data + ".rows.to");
    if (to != null && to <= tree.integer(data + ".rows.from")) {
      throw new InvalidSpecException(
          "spec." + data + ".rows.to",
          "must be greater than from: it is one past the last row",
          "correct the slice");
    }
  }

  private static String abbreviated(JsonNode value) {
    String text = value.toString();
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  private static String suggestion(String path) {
    String parent = path.contains(".") ? path.substring(0, path.lastIndexOf('.') + 1) : "";
    String name = path.substring(parent.length());
    return SpecFields.all().stream()
        .map(SpecField::path)
        .filter(known -> known.startsWith(parent))
        .map(known -> known.substring(parent.length()).split("\\.", -1)[0])
        .distinct()
        .map(known -> Map.entry(known, EditDistance.between(known, name)))
        .filter(entry -> entry.getValue() <= 1 + name.length() / 3)
        .min(Comparator.comparingInt(Map.Entry::getValue))
        .map(entry -> "did you mean " + entry.getKey() + "?")
        .orElse("remove it, or see kubectl explain lorafinetune.spec");
  }
}
