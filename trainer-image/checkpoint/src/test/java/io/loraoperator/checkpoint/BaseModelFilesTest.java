package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loraoperator.checkpoint.CheckpointException.Kind;
import io.loraoperator.torch.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BaseModelFilesTest {

  @TempDir Path folder;

  @Test
  void opensASafetensorsFolder() throws IOException {
    writeModelFolder();
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [2, 0]}");

    try (BaseModelFiles model = BaseModelFiles.open(folder)) {
      assertThat(model.config()).containsEntry("model_type", "llama").containsEntry("eps", 1e-5);
      assertThat(model.weights().read("w", DType.FLOAT32).elements()).isEqualTo(2);
      assertThat(model.tokenizer().bosId()).hasValue(1);
      assertThat(model.generationConfig()).isPresent();
      assertThat(model.sha256()).isEqualTo(FileDigest.sha256(folder.resolve("model.safetensors")));
      assertThat(model.path()).isEqualTo(folder);
    }
  }

  @Test
  void aShardedModelHasOneDigestThatEachShardChanges() throws IOException {
    writeModelFolder();
    Files.move(folder.resolve("model.safetensors"), folder.resolve("b.safetensors"));
    SafetensorsWriter.write(
        folder.resolve("a.safetensors"), Map.of("v", Fixtures.floats(new long[] {1}, 1)), Map.of());
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"w\":\"b.safetensors\",\"v\":\"a.safetensors\"}}");

    try (BaseModelFiles model = BaseModelFiles.open(folder)) {
      String lines =
          "%s  a.safetensors\n%s  b.safetensors\n"
              .formatted(
                  FileDigest.sha256(folder.resolve("a.safetensors")),
                  FileDigest.sha256(folder.resolve("b.safetensors")));
      assertThat(model.sha256())
          .isEqualTo(FileDigest.sha256(lines.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
      assertThat(model.weights().names()).containsExactly("v", "w");
    }
  }

  @Test
  void aFolderWithExactlyOneGgufIsThatModel() throws IOException {
    Files.copy(Fixtures.TINY_LLAMA, folder.resolve("model.gguf"));
    try (BaseModelFiles model = BaseModelFiles.open(folder)) {
      assertThat(model.config()).containsEntry("num_hidden_layers", 2);
    }

    Files.copy(Fixtures.TINY_LLAMA, folder.resolve("other.gguf"));
    assertThatThrownBy(() -> BaseModelFiles.open(folder))
        .hasMessageContaining("holds 2 .gguf files. Give the path of the one to use");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                                        | NOT_FOUND   | has no model.safetensors, model.safetensors.index.json or .gguf file",
        "config.json tokenizer.json                                | NOT_FOUND   | has no model.safetensors",
        "model.safetensors tokenizer.json                          | NOT_FOUND   | config.json: no such file, so the model's architecture is not known",
        "model.safetensors config.json                             | NOT_FOUND   | tokenizer.json: no such file, so there is no tokenizer",
        "model.safetensors config.json tokenizer.json              | INVALID     | model.safetensors: 2 bytes are too few for a header",
        "pytorch_model.bin config.json tokenizer.json              | UNSUPPORTED | pytorch_model.bin: is a Python pickle",
        "consolidated.00.pth params.json                           | UNSUPPORTED | consolidated.00.pth: is a Python pickle",
        "training_args.bin config.json                             | NOT_FOUND   | has no model.safetensors",
        "adapter_config.json adapter_model.safetensors             | UNSUPPORTED | is a LoRA adapter, not a base model",
        "model.gguf                                                | INVALID     | model.gguf: does not start with 'GGUF'",
      })
  void saysWhatIsWrongWithAFolder(String files, Kind kind, String message) throws IOException {
    for (String file : files.isBlank() ? new String[0] : files.split(" ")) {
      Files.writeString(folder.resolve(file), "{}");
    }

    assertThatThrownBy(() -> BaseModelFiles.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining(message)
        .extracting(e -> ((CheckpointException) e).kind())
        .isEqualTo(kind);
  }

  @ParameterizedTest
  @CsvSource({
    "model.pt,           UNSUPPORTED, 'python3 -c \"from transformers import AutoModelForCausalLM'",
    "weights.BIN,        UNSUPPORTED, is a Python pickle",
    "model.safetensors,  UNSUPPORTED, is neither a model's folder nor a .gguf file",
    "missing,            NOT_FOUND,   no such file or folder"
  })
  void saysWhatIsWrongWithAPath(String name, Kind kind, String message) throws IOException {
    if (!name.equals("missing")) {
      Files.writeString(folder.resolve(name), "x");
    }

    assertThatThrownBy(() -> BaseModelFiles.open(folder.resolve(name)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(message)
        .extracting(e -> ((CheckpointException) e).kind())
        .isEqualTo(kind);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]                | expected a JSON object",
        "{'a': 1, 'a': 2}  | Duplicate field 'a'",
        "{'a': 1} x        | not valid JSON",
        "{'a':             | not valid JSON",
      })
  void saysWhatIsWrongWithAConfiguration(String json, String message) throws IOException {
    writeModelFolder();
    Files.writeString(folder.resolve("config.json"), json.replace('\'', '"'));

    assertThatThrownBy(() -> BaseModelFiles.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining(message);
  }

  @Test
  void deepJsonIsRefusedNotFollowed() throws IOException {
    writeModelFolder();
    char[] deep = new char[2_000_000];
    Arrays.fill(deep, '[');
    Files.writeString(folder.resolve("config.json"), new String(deep));

    assertThatThrownBy(() -> BaseModelFiles.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("nesting depth");
  }

  private void writeModelFolder() throws IOException {
    try (BaseModelFiles tiny = BaseModelFiles.open(Fixtures.TINY_LLAMA)) {
      tiny.tokenizer().saveTo(folder);
    }
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"llama\",\"eps\":1e-5}");
    SafetensorsWriter.write(
        folder.resolve("model.safetensors"),
        Map.of("w", Fixtures.floats(new long[] {2}, 1, 2)),
        Map.of());
  }
}
