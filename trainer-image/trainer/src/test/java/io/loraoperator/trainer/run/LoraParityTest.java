package io.loraoperator.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.SafetensorsReader;
import io.loraoperator.model.AdamW;
import io.loraoperator.model.AdamWConfig;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.model.StepKey;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Every form of LoRA, from the manifest's words to PEFT's numbers, in float32. */
class LoraParityTest {

  static final List<String> variants =
      List.of(
          "rank-stabilized",
          "patterns",
          "layers",
          "saved-tied",
          "saved-untied",
          "saved-with-bias",
          "bias-all",
          "bias-all-saved",
          "bias-all-upper",
          "bias-adapted",
          "bias-quantized",
          "bias-none-there",
          "dora",
          "dora-transposed",
          "dora-merged",
          "dora-nf4",
          "tokens-tied",
          "tokens-untied",
          "tokens-padded",
          "tokens-saved",
          "embedding-tied",
          "embedding-and-head",
          "embedding-beside-head-in-full",
          "embedding-nf4",
          "head-with-bias",
          "head-frozen-bias",
          "head-tied",
          "head-alone",
          "nf4",
          "nf4-double");

  @ParameterizedTest
  @FieldSource("variants")
  void logitsAndGradientsEqualPefts(String name) throws IOException {
    LoraFixture fixture = LoraFixture.read(name);
    List<Row> rows = fixture.rows();
    double tokens = rows.stream().mapToLong(Row::trainedTokens).sum();
    try (FineTunableModel model = fixture.model()) {
      assertThat(LoraFixture.largestDifference(model.logits(fixture.logitsRow()), fixture.logits()))
          .isLessThanOrEqualTo(1e-4);
      double loss = model.accumulate(rows, 1 / tokens, new StepKey(1, 1, 0));
      assertThat(loss).isCloseTo(fixture.facts().get("lossSum").asDouble(), within(1e-5 * loss));
      Map<String, HostTensor> actual = model.gradients();
      Map<String, HostTensor> expected = fixture.gradients();
      assertThat(actual.keySet()).isEqualTo(expected.keySet());
      double largest = 0;
      double difference = 0;
      for (String tensor : expected.keySet()) {
        float[] values = LoraFixture.floats(Objects.requireNonNull(expected.get(tensor)));
        largest =
            Math.max(largest, LoraFixture.largestDifference(values, new float[values.length]));
        difference =
            Math.max(
                difference,
                LoraFixture.largestDifference(
                    LoraFixture.floats(Objects.requireNonNull(actual.get(tensor))), values));
      }
      assertThat(difference).isLessThanOrEqualTo(1e-5 * largest);
    }
  }

  @ParameterizedTest
  @FieldSource("variants")
  void lossesOfAdamWEqualTorchs(String name) throws IOException {
    LoraFixture fixture = LoraFixture.read(name);
    List<Row> rows = fixture.rows();
    double scale = 1.0 / rows.stream().mapToLong(Row::trainedTokens).sum();
    try (FineTunableModel model = fixture.model();
        AdamW optimizer = model.optimizer(AdamWConfig.DEFAULT)) {
      int step = 0;
      for (JsonNode expected : fixture.facts().get("losses")) {
        step++;
        double loss = scale * model.accumulate(rows, scale, new StepKey(1, step, 0));
        assertThat(loss).as("step %d", step).isCloseTo(expected.asDouble(), within(1e-5));
        optimizer.step(1e-3, 0);
      }
      assertThat(step).isEqualTo(20);
    }
  }

  /** The golden configurations are loaded in PEFT by parity/lora/check_written.py. */
  @ParameterizedTest
  @FieldSource("variants")
  void writesTheConfigurationOfWhichPeftMakesTheSame(String name) throws IOException {
    LoraFixture fixture = LoraFixture.read(name);
    Path written = Files.createDirectories(Path.of("target", "lora", name));
    try (FineTunableModel model = fixture.model()) {
      PeftAdapter.write(
          written,
          AdapterDescription.of("base", fixture.lora(), fixture.architecture()),
          model.adapter());
    }
    assertThat(written.resolve(PeftAdapter.CONFIG_FILE))
        .hasSameTextualContentAs(
            LoraFixture.PARITY.resolve("lora").resolve("written").resolve(name + ".json"));
    Map<String, HostTensor> own = SafetensorsReader.load(written.resolve(PeftAdapter.WEIGHTS_FILE));
    Map<String, HostTensor> pefts = LoraFixture.once(PeftAdapter.read(fixture.folder()).tensors());
    assertThat(own.keySet()).isEqualTo(pefts.keySet());
    own.forEach((tensor, value) ->
        assertThat(value.data().mismatch(Objects.requireNonNull(pefts.get(tensor)).data()))
            .as(tensor)
            .isEqualTo(-1));
  }
}
