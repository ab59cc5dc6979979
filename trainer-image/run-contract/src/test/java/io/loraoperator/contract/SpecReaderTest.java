package io.loraoperator.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class SpecReaderTest {

  @Test
  void appliesTheDefaults() {
    FineTuneSpec spec = SpecReader.read(Specs.minimal());

    assertThat(spec.baseModel().precision()).isEqualTo(FineTuneSpec.Precision.BFloat16);
    assertThat(spec.dataset().maxLength()).isEqualTo(1024);
    assertThat(spec.dataset().train().rows()).isEqualTo(new FineTuneSpec.Rows(0, null));
    assertThat(spec.dataset().evaluation()).isNull();
    assertThat(spec.loss().tokens()).isEqualTo(FineTuneSpec.LossTokens.Completion);
    assertThat(spec.lora().rank()).isEqualTo(16);
    assertThat(spec.lora().initialAdapter()).isNull();
    assertThat(spec.training().learningRate()).isEqualByComparingTo("2e-4");
    assertThat(spec.training().optimizer().epsilon()).isEqualByComparingTo("1e-8");
    assertThat(spec.training().extent())
        .isEqualTo(new FineTuneSpec.Extent.Epochs(new BigDecimal("3")));
    assertThat(spec.checkpoint().everySteps()).isEqualTo(100);
    assertThat(spec.samples().prompts()).isEmpty();
  }

  @Test
  void readsWhatIsGiven() {
    ObjectNode spec = Specs.with("lora.targetModules", "[\"q_proj\", \"v_proj\"]");
    SpecTree.set(spec, "dataset.evaluation.fraction", Specs.json("\"0.05\""));
    SpecTree.set(spec, "training.schedule.type", Specs.json("\"ConstantWithWarmup\""));
    SpecTree.set(spec, "training.schedule.warmupRatio", Specs.json("\"0.03\""));

    FineTuneSpec read = SpecReader.read(spec);

    assertThat(read.lora().targetModules()).containsExactly("q_proj", "v_proj");
    assertThat(read.dataset().evaluation())
        .isEqualTo(new FineTuneSpec.Evaluation.Fraction(new BigDecimal("0.05")));
    assertThat(read.training().schedule().warmupRatio()).isEqualByComparingTo("0.03");
  }

  @Test
  void filesOfThisMachineReplaceSources() {
    ObjectNode spec = Specs.minimal();
    spec.remove(List.of("baseModel", "output"));

    FineTuneSpec read =
        SpecReader.read(
            spec,
            Map.of(
                "baseModel.source", new Source.Local(Path.of("model")),
                "output.destination", new Source.Local(Path.of("out")),
                "dataset.evaluation.source", new Source.Local(Path.of("eval.jsonl"))));

    assertThat(read.baseModel().source()).isEqualTo(new Source.Local(Path.of("model")));
    assertThat(read.dataset().evaluation()).isInstanceOf(FineTuneSpec.Evaluation.OwnData.class);
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          training.batchsize | 4 | spec.training.batchsize: unknown field | did you mean batchSize?
          trainnig.seed | 4 | spec.trainnig: unknown field | did you mean training?
          training.batchSize | "4" | spec.training.batchSize: must be an integer from 1 to 4096, without quotes, not "4" | correct the value
          training.batchSize | 0 | spec.training.batchSize: must be an integer from 1 to 4096, without quotes, not 0 | correct the value
          training.learningRate | 2e-4 | spec.training.learningRate: must be a decimal number in quotes, above 0 and at most 10, not 2.0E-4 | correct the value
          training.learningRate | "fast" | spec.training.learningRate: must be a decimal number in quotes, above 0 and at most 10, not "fast" | correct the value
          training.shuffle | "yes" | spec.training.shuffle: must be true or false, without quotes, not "yes" | correct the value
          training.schedule.type | "cosine" | spec.training.schedule.type: must be one of Constant, Linear, Cosine, ConstantWithWarmup, not "cosine" | correct the value
          training | 7 | spec.training: must be an object, not 7 | indent its fields below it
          training.maxSteps | 10 | spec.training: epochs and maxSteps are given together | give exactly one of epochs, maxSteps
          training.epochs | null | spec.training: none of epochs, maxSteps is given | give exactly one of epochs, maxSteps
          dataset.prompt.text.field | "text" | spec.dataset.prompt: text and promptCompletion are given together | give exactly one of text, promptCompletion, messages, template
          baseModel.source.s3.uri | "http://x/y" | spec.baseModel.source.s3.uri: must be an address such as s3://bucket/folder/ (a bucket's name has 3 to 63 characters), not "http://x/y" | correct the value
          baseModel.source.s3 | null | spec.baseModel.source: none of s3, persistentVolumeClaim, huggingFace, image is given | give exactly one of s3, persistentVolumeClaim, huggingFace, image
          loss.responseTemplate | "### A" | spec.loss.responseTemplate: only counts for dataset.prompt.text: the other prompts say what the completion is | leave it out
          training.schedule.warmupSteps | 5 | ok | ok
          training.evaluateEverySteps | 5 | spec.training.evaluateEverySteps: there is nothing to evaluate on | add spec.dataset.evaluation, or leave evaluateEverySteps out
          dataset.train.rows.to | 0 | spec.dataset.train.rows.to: must be an integer from 1 to 2147483647, without quotes, not 0 | correct the value
          dataset.train.rows | {"from": 5, "to": 5} | spec.dataset.train.rows.to: must be greater than from: it is one past the last row | correct the slice
          dataset.evaluation | {"fraction": "0.1", "format": "Csv"} | spec.dataset.evaluation.format: only counts for a source of its own, and fraction is given | leave it out
          dataset.prompt | {"text": {"field": "text"}} | ok | ok
          dataset.prompt | {"template": {"prompt": "{{ q }}"}} | spec.dataset.prompt.template.completion: is missing | add it, or set spec.loss.tokens to All to train the whole prompt
          dataset.prompt | {"messages": {"field": "messages"}} | ok | ok
          dataset.train.format | "Parquet" | ok | ok
          loss.tokens | "Assistant" | spec.loss.tokens: Assistant needs spec.dataset.prompt.messages: other prompts do not say who speaks | use Completion with responseTemplate and instructionTemplate, or messages
          dataset.prompt.promptCompletion.promptField | "" | spec.dataset.prompt.promptCompletion.promptField: must not be empty | give it a value
          dataset.prompt.promptCompletion.promptField | null | spec.dataset.prompt.promptCompletion.promptField: is missing | add it to the manifest: it has no default
          training.schedule | {"type": "Constant", "warmupSteps": 3} | spec.training.schedule.type: Constant has no warm-up | use ConstantWithWarmup, or leave the warm-up out
          training.schedule | {"type": "Cosine", "warmupSteps": 3, "warmupRatio": "0.1"} | spec.training.schedule: warmupRatio and warmupSteps are given together | give one of them
          baseModel.quantization.type | "FP4" | spec.baseModel.quantization.type: must be one of None, NF4, not "FP4" | correct the value
          baseModel.quantization.blockSize | 64 | spec.baseModel.quantization.blockSize: needs type NF4 | set spec.baseModel.quantization.type: NF4
          baseModel.quantization | {"type": "NF4", "blockSize": 96} | spec.baseModel.quantization.blockSize: must be a power of two: 32, 64, 128, 256, 512, 1024, 2048 or 4096 | leave it out for 64, which bitsandbytes uses
          lora.modulesToSave | ["lm_head"] | ok | ok
          baseModel.addedTokens | ["<a>", "<b>"] | ok | ok
          lora.layers | {"from": 3, "to": 3} | spec.lora.layers.to: must be greater than from: it is one past the last layer | correct the range
          baseModel.quantization.type | "None" | ok | ok
          baseModel.precision | "Float16" | spec.baseModel.precision: not supported yet: spec.baseModel.precision Float16 | use BFloat16 or Float32
          tracking.tensorBoard | true | ok | ok
          output.pushToHub | {"repository": "me/adapter", "tokenSecretName": "hf-token"} | ok | ok
          tracking.mlflow | {"trackingUri": "http://mlflow.mlflow:5000", "experiment": "guanaco"} | ok | ok
          training.tf32 | true | ok | ok
          resources | {"gpus": 0} | ok | ok
          output.pushToHub | {"repository": "me/adapter"} | spec.output.pushToHub.tokenSecretName: is missing | add it to the manifest: it has no default
          output.pushToHub | {"repository": "adapter", "tokenSecretName": "hf-token"} | spec.output.pushToHub.repository: must name its owner, a user or an organization: owner/name | write it as owner/adapter
          baseModel.source | {"huggingFace": {"repository": "microsoft/phi-2", "revision": "main"}} | ok | ok
          baseModel.source | {"huggingFace": {"repository": "../phi"}} | spec.baseModel.source.huggingFace.repository: must be a repository such as microsoft/phi-2, not "../phi" | correct the value
          baseModel.source | {"huggingFace": {"repository": "a/b", "endpoint": "http://["}} | spec.baseModel.source.huggingFace.endpoint: must be an address such as https://huggingface.co, not "http://[" | correct the value
          baseModel.source | {"huggingFace": {"repository": "a/b", "split": "train"}} | spec.baseModel.source.huggingFace.split: unknown field | remove it, or see kubectl explain lorafinetune.spec
          baseModel.source | {"image": {"reference": "registry.example/phi-2:1"}} | ok | ok
          """)
  void refusesByName(String path, String value, String message, String remedy) {
    ObjectNode spec = Specs.with(path, value);
    if (message.equals("ok")) {
      assertThat(SpecReader.read(spec)).isNotNull();
      return;
    }
    InvalidSpecException refusal =
        catchThrowableOfType(InvalidSpecException.class, () -> SpecReader.read(spec));
    assertThat(refusal).isNotNull();
    assertThat(refusal).hasMessage(message);
    assertThat(refusal.remedy()).isEqualTo(remedy);
  }

  @Test
  void quantizationHasTheBlockSizeOfQlora() {
    assertThat(
            SpecReader.read(Specs.with("baseModel.precision", "\"Float32\""))
                .baseModel()
                .quantization())
        .isNull();
    assertThat(
            SpecReader.read(Specs.with("baseModel.quantization", "{\"type\": \"NF4\"}"))
                .baseModel()
                .quantization())
        .isEqualTo(new FineTuneSpec.Quantization(false, 64));
    assertThat(
            SpecReader.read(
                    Specs.with(
                        "baseModel.quantization",
                        "{\"type\": \"NF4\", \"doubleQuantization\": true, \"blockSize\": 128}"))
                .baseModel()
                .quantization())
        .isEqualTo(new FineTuneSpec.Quantization(true, 128));
  }

  static final List<String> unsupported = UnsupportedFeatures.paths();

  @ParameterizedTest
  @FieldSource("unsupported")
  void refusesWhatIsNotBuiltYetOnlyWhenAskedFor(String path) {
    assertThatThrownBy(() -> SpecReader.read(Specs.with(path, askingFor(path))))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("not supported yet: spec." + path);
    SpecFields.find(path)
        .map(SpecField::defaultValue)
        .ifPresent(usual ->
            assertThat(UnsupportedFeatures.find(Specs.with(path, usual.toString()))).isEmpty());
  }

  /** A value that asks for a feature: any but the default. */
  private static String askingFor(String path) {
    return SpecFields.find(path)
        .map(field ->
            switch (field.type()) {
              case FieldType.Choice choice -> "\"" + choice.values().getLast() + "\"";
              case FieldType.Flag flag -> "true";
              case FieldType.Whole whole -> String.valueOf(whole.minimum());
              case FieldType.TextList list -> "[\"x\"]";
              case FieldType.Mapping map -> "{\"x\": 1}";
              case FieldType.WholeMapping map -> "{\"x\": 1}";
              case FieldType.Decimal decimal -> "\"0.5\"";
              default -> "\"x\"";
            })
        .map(value ->
            switch (path) {
              case "baseModel.precision" -> "\"Float16\"";
              case "baseModel.attention" -> "\"Sdpa\"";
              default -> value;
            })
        .orElseGet(() ->
            SpecFields.all().stream()
                .filter(field -> field.path().startsWith(path + "."))
                .findFirst()
                .map(field ->
                    "{\"%s\": %s}"
                        .formatted(
                            field.path().substring(path.length() + 1),
                            field.type() instanceof FieldType.Whole ? "1" : "\"x\""))
                .orElseThrow());
  }
}
