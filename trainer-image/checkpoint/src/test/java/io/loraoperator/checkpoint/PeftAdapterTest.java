package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeftAdapterTest {

  static final Path REFERENCE = Fixtures.FOLDER.resolve("peft-adapter");
  static final String LAYER_0 = "base_model.model.model.layers.0.";

  @TempDir Path folder;

  @Test
  void readsWhatPeftWrote() {
    PeftAdapter adapter = PeftAdapter.read(REFERENCE);

    assertThat(adapter.config())
        .isEqualTo(
            new PeftConfig(
                "tiny-llama", 4, 8, 0.05, List.of("down_proj", "q_proj", "v_proj"), false));
    assertThat(adapter.modules())
        .containsExactly(
            "model.layers.0.mlp.down_proj",
            "model.layers.0.self_attn.q_proj",
            "model.layers.0.self_attn.v_proj",
            "model.layers.1.mlp.down_proj",
            "model.layers.1.self_attn.q_proj",
            "model.layers.1.self_attn.v_proj");
    HostTensor a = Fixtures.get(adapter.tensors(), LAYER_0 + "mlp.down_proj.lora_A.weight");
    assertThat(a.shape()).containsExactly(4, 96);
    assertThat(Fixtures.get(adapter.tensors(), LAYER_0 + "mlp.down_proj.lora_B.weight").shape())
        .containsExactly(64, 4);
  }

  /**
   * The golden configuration is loaded in PEFT by trainer-image/parity/checkpoint/check_written.py.
   */
  @Test
  void writesWhatPeftReads() throws IOException {
    PeftAdapter adapter = PeftAdapter.read(REFERENCE);
    Files.createDirectories(Fixtures.WRITTEN.resolve("adapter"));

    Path written = Fixtures.WRITTEN.resolve("adapter");

    PeftAdapter.write(written, adapter.config(), adapter.tensors());

    assertThat(written.resolve(PeftAdapter.WEIGHTS_FILE))
        .hasSameBinaryContentAs(REFERENCE.resolve(PeftAdapter.WEIGHTS_FILE));
    assertThat(written.resolve(PeftAdapter.CONFIG_FILE))
        .hasSameTextualContentAs(
            Fixtures.FOLDER.resolve("written/adapter").resolve(PeftAdapter.CONFIG_FILE));
    assertThat(PeftAdapter.read(written).config()).isEqualTo(adapter.config());
  }

  @Test
  void theFirstPatternThatMatchesAModuleCounts() {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    ranks.put("layers\\.1\\..*", 3);
    ranks.put("q_proj", 5);
    PeftConfig config =
        new PeftConfig(
            "base",
            2,
            4,
            0,
            List.of("q_proj"),
            false,
            true,
            List.of("model.layers.3.self_attn.q_proj"),
            List.of(0, 1, 3),
            ranks,
            Map.of("proj", 9.0),
            List.of("lm_head"),
            PeftBias.LORA_ONLY,
            Map.of("embed_tokens", List.of(7, 5)),
            true);

    assertThat(config.rankOf("model.layers.1.self_attn.q_proj")).isEqualTo(3);
    assertThat(config.rankOf("model.layers.0.self_attn.q_proj")).isEqualTo(5);
    assertThat(config.rankOf("model.layers.0.self_attn.k_proj")).isEqualTo(2);
    assertThat(config.alphaOf("model.layers.0.self_attn.q_proj")).isEqualTo(4);
    PeftConfigFile.write(folder.resolve(PeftAdapter.CONFIG_FILE), config);
    assertThat(PeftConfigFile.read(folder.resolve(PeftAdapter.CONFIG_FILE), List.of()))
        .isEqualTo(config);
  }

  @Test
  void readsSixteenBitAdaptersAsFloat32() {
    PeftConfig config = new PeftConfig(null, 1, 2.5, 0, List.of("q_proj"), true);
    Map<String, HostTensor> tensors =
        Map.of(
            LAYER_0 + "self_attn.q_proj.lora_A.weight",
            Fixtures.bytes(DType.BFLOAT16, new long[] {1, 2}, "803f00c0"),
            LAYER_0 + "self_attn.q_proj.lora_B.weight",
            Fixtures.bytes(DType.BFLOAT16, new long[] {1, 1}, "003f"));
    PeftAdapter.write(folder, config, tensors);

    PeftAdapter read = PeftAdapter.read(folder);

    assertThat(read.config()).isEqualTo(config);
    assertThat(
            Fixtures.content(
                Fixtures.get(read.tensors(), LAYER_0 + "self_attn.q_proj.lora_A.weight")))
        .isEqualTo(Fixtures.content(Fixtures.floats(new long[] {1, 2}, 1, -2)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "peft_type           | \"IA3\"              | peft_type: \"IA3\" is not supported",
        "use_dora            | true                 | lora_magnitude_vector'",
        "bias                | \"some\"             | bias: \"some\" is not supported",
        "rank_pattern        | {\"q_proj\": 8}      | do not have rank 8",
        "rank_pattern        | {\"q_proj\": \"8\"}  | the pattern of modules has",
        "layers_to_transform | [\"x\"]              | layers_to_transform has",
        "init_lora_weights   | \"pissa\"            | init_lora_weights: \"pissa\" is not supported",
        "a_future_field      | \"on\"               | a_future_field: \"on\" is not supported",
        "r                   | \"4\"                | must be numbers",
        "r                   | 0                    | r must be at least 1",
        "r                   | 8                    | do not have rank 8",
        "lora_alpha          | -1                   | lora_alpha must be positive",
        "lora_dropout        | 1.5                  | lora_dropout must be in [0, 1)",
        "target_modules      | []                   | target_modules is empty",
      })
  void refusesWhatItCannotHonour(String field, String value, String message) throws IOException {
    Fixtures.copyFolder(REFERENCE, folder);
    Path file = folder.resolve(PeftAdapter.CONFIG_FILE);
    ObjectNode config = JsonFiles.readObject(file);
    config.set(field, JsonFiles.MAPPER.readTree(value));
    Files.write(file, JsonFiles.pretty(config));

    assertThatThrownBy(() -> PeftAdapter.read(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "all-linear",
    "'.*\\.(q_proj|v_proj|down_proj)'",
  })
  void aPatternOfTargetsIsReadAsTheModulesItMatched(String pattern) throws IOException {
    Fixtures.copyFolder(REFERENCE, folder);
    Path file = folder.resolve(PeftAdapter.CONFIG_FILE);
    Files.write(file, JsonFiles.pretty(JsonFiles.readObject(file).put("target_modules", pattern)));

    assertThat(PeftAdapter.read(folder).config().targetModules())
        .containsExactly("down_proj", "q_proj", "v_proj");
  }

  @Test
  void refusesUnpairedAndForeignTensors() {
    PeftAdapter adapter = PeftAdapter.read(REFERENCE);
    Map<String, HostTensor> unpaired = new HashMap<>(adapter.tensors());
    unpaired.remove(LAYER_0 + "mlp.down_proj.lora_B.weight");
    Map<String, HostTensor> onlyB = new HashMap<>(adapter.tensors());
    onlyB.remove(LAYER_0 + "mlp.down_proj.lora_A.weight");
    Map<String, HostTensor> foreign = new HashMap<>(adapter.tensors());
    foreign.put("base_model.model.lm_head.weight", Fixtures.floats(new long[] {1, 1}, 1));

    assertThatThrownBy(() -> PeftAdapter.write(folder, adapter.config(), unpaired))
        .hasMessageContaining("lacks tensor '" + LAYER_0 + "mlp.down_proj.lora_B.weight'");
    assertThatThrownBy(() -> PeftAdapter.write(folder, adapter.config(), onlyB))
        .hasMessageContaining("a lora_B without its lora_A");
    assertThatThrownBy(() -> PeftAdapter.write(folder, adapter.config(), foreign))
        .hasMessageContaining("'base_model.model.lm_head.weight', which is not a LoRA matrix");
    assertThatThrownBy(() -> PeftAdapter.write(folder, adapter.config(), Map.of()))
        .hasMessageContaining("holds no tensors");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesPickledAdaptersWithTheCommandThatConvertsThem() throws IOException {
    Files.writeString(folder.resolve("adapter_model.bin"), "pickle");

    assertThatThrownBy(() -> PeftAdapter.read(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("adapter_model.bin: is a Python pickle")
        .hasMessageContaining("python3 -c \"from peft import AutoPeftModelForCausalLM")
        .hasMessageContaining(folder.toString());
  }
}
