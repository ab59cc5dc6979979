package io.loraoperator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import io.loraoperator.api.spec.LoraFineTuneSpec;
import io.loraoperator.api.status.LoraFineTuneStatus;

/** A language model to be fine-tuned with LoRA, and what has become of it. */
@Group(LoraFineTune.GROUP)
@Version(LoraFineTune.VERSION)
@Kind(LoraFineTune.KIND)
@Singular("lorafinetune")
@Plural(LoraFineTune.PLURAL)
@ShortNames("lft")
@Categories("ml")
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "size(self.metadata.name) <= " + Schema.NAME_LENGTH,
    message =
        "metadata.name must have at most "
            + Schema.NAME_LENGTH
            + " characters: the names of Jobs and Pods are made from it")
@AdditionalPrinterColumn(
    name = "STATUS",
    jsonPath = ".status.conditions[?(@.type==\"Succeeded\")].reason")
@AdditionalPrinterColumn(name = "STEP", jsonPath = ".status.progress.stepSummary")
@AdditionalPrinterColumn(name = "LOSS", jsonPath = ".status.progress.loss")
@AdditionalPrinterColumn(name = "EVAL", jsonPath = ".status.progress.evaluationLoss")
@AdditionalPrinterColumn(name = "REMAINING", jsonPath = ".status.progress.remaining")
@AdditionalPrinterColumn(
    name = "CHECKPOINT",
    jsonPath = ".status.checkpoint.step",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "AGE",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
    name = "RUN",
    jsonPath = ".status.run.number",
    type = AdditionalPrinterColumn.Type.INTEGER,
    priority = 1)
@AdditionalPrinterColumn(
    name = "GPUS",
    jsonPath = ".spec.resources.gpus",
    type = AdditionalPrinterColumn.Type.INTEGER,
    priority = 1)
@AdditionalPrinterColumn(
    name = "TOKENS/S",
    jsonPath = ".status.progress.tokensPerSecond",
    priority = 1)
@AdditionalPrinterColumn(name = "QUEUE", jsonPath = ".spec.scheduling.queueName", priority = 1)
@AdditionalPrinterColumn(name = "ADAPTER", jsonPath = ".status.output.adapterUri", priority = 1)
public final class LoraFineTune extends CustomResource<LoraFineTuneSpec, LoraFineTuneStatus>
    implements Namespaced {
  /** API group. */
  public static final String GROUP = "finetune.loraoperator.io";

  /** Version of the API. */
  public static final String VERSION = "v1alpha1";

  /** Kind. */
  public static final String KIND = "LoraFineTune";

  /** Name of the resource in URLs and in roles. */
  public static final String PLURAL = "lorafinetunes";

  private static final long serialVersionUID = 1L;
}
