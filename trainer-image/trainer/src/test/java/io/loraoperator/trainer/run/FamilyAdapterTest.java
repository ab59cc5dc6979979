package io.loraoperator.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.SafetensorsReader;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.Precision;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An adapter of every family, as the trainer writes it. */
class FamilyAdapterTest {

  private static final Path FAMILIES = Path.of("..", "parity", "model");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The folders that make_fixtures wrote. */
  static List<String> families() {
    try (Stream<Path> folders = Files.list(FAMILIES)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("expected.json")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The golden configurations are loaded in PEFT by parity/model/check_written.py. */
  @ParameterizedTest
  @MethodSource("families")
  void isReadBackAndHasTheConfigurationThatPeftWasShown(String name) throws IOException {
    Path family = FAMILIES.resolve(name);
    Path written = Files.createDirectories(Path.of("target", "families", name));
    Architecture architecture =
        Architecture.of(
            JSON.readValue(
                family.resolve("config.json").toFile(),
                new TypeReference<Map<String, Object>>() {}));
    LoraConfig lora = lora(JSON.readTree(family.resolve("expected.json").toFile()));
    Map<String, HostTensor> adapter = SafetensorsReader.load(family.resolve("adapter.safetensors"));
    try (SafetensorsReader weights = SafetensorsReader.open(family.resolve("model.safetensors"));
        FineTunableModel model =
            FineTunableModel.load(architecture, weights, Precision.FLOAT32, lora)) {
      model.loadAdapter(adapter);
      PeftAdapter.write(
          written, AdapterDescription.of("base", lora, architecture), model.adapter());
    }
    Map<String, HostTensor> read = PeftAdapter.read(written).tensors();
    assertThat(read.keySet()).isEqualTo(adapter.keySet());
    read.forEach((tensor, values) ->
        assertThat(LoraFixture.floats(values))
            .as(tensor)
            .isEqualTo(LoraFixture.floats(Objects.requireNonNull(adapter.get(tensor)))));
    Path golden = family.resolve("written").resolve(PeftAdapter.CONFIG_FILE);
    if (Boolean.getBoolean("regenerate")) {
      Files.createDirectories(golden.getParent());
      Files.writeString(golden, Files.readString(written.resolve(PeftAdapter.CONFIG_FILE)));
    }
    assertThat(written.resolve(PeftAdapter.CONFIG_FILE)).hasSameTextualContentAs(golden);
  }

  private static LoraConfig lora(JsonNode facts) {
    List<String> targets = new ArrayList<>();
    facts.get("targets").forEach(target -> targets.add(target.asText()));
    return new LoraConfig(facts.get("rank").asInt(), facts.get("alpha").asDouble(), 0, targets, 1);
  }
}
