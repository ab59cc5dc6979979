package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The real SmolLM2-135M-Instruct against what transformers makes of the same GGUF file. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SmolLm2IT {

  private static final Path GET_MODEL = Path.of("..", "parity", "get-smollm2");

  /** The product's promise is two seconds; the check leaves room for a machine that is busy. */
  private static final Duration DEQUANTISATION_LIMIT = Duration.ofSeconds(10);

  private BaseModelFiles model;

  @BeforeAll
  void open() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(GET_MODEL.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String path = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s", GET_MODEL).isZero();
    model = BaseModelFiles.open(Path.of(path.strip()));
  }

  @AfterAll
  void close() {
    model.close();
  }

  @Test
  void everyTensorEqualsTransformersToTheBit() throws NoSuchAlgorithmException {
    JsonNode expected = Fixtures.json("smollm2.tensors.json");
    assertThat(model.weights().names())
        .containsExactlyInAnyOrderElementsOf(
            expected.properties().stream().map(e -> e.getKey()).collect(Collectors.toSet()));
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    for (String name : model.weights().names()) {
      HostTensor tensor = model.weights().read(name, DType.FLOAT32);
      JsonNode reference = expected.get(name);
      assertThat(tensor.shape())
          .as(name)
          .containsExactly(
              java.util.Arrays.stream(Fixtures.ints(reference.get("shape")))
                  .asLongStream()
                  .toArray());
      sha256.update(tensor.data().asByteBuffer());
      assertThat(HexFormat.of().formatHex(sha256.digest()))
          .as(name)
          .isEqualTo(reference.get("sha256").asText());
    }
  }

  @Test
  void dequantisesInTime() {
    long start = System.nanoTime();
    long elements = 0;
    for (String name : model.weights().names()) {
      elements += model.weights().read(name, DType.FLOAT32).elements();
    }
    assertThat(elements).isEqualTo(134_515_008);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(DEQUANTISATION_LIMIT);
  }

  @Test
  void configurationEqualsTransformers() {
    GgufTest.assertSameConfig(model.config(), Fixtures.json("smollm2.config.json"));
    assertThat(model.sha256())
        .isEqualTo("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53");
  }

  List<JsonNode> corpus() {
    List<JsonNode> rows = new ArrayList<>();
    Fixtures.json("smollm2.tokens.json").get("rows").forEach(rows::add);
    return rows;
  }

  @ParameterizedTest
  @MethodSource("corpus")
  void idsTextAndSpans(JsonNode row) {
    String text = row.get("text").asText();
    Encoding encoding = model.tokenizer().encode(text, true);

    assertThat(encoding.ids()).containsExactly(Fixtures.ints(row.get("ids")));
    assertThat(model.tokenizer().decode(encoding.ids(), true))
        .isEqualTo(row.get("decoded").asText());
    TokenizerTest.assertSpansCover(text, encoding);
  }

  @Test
  void rolesAndTemplateEqualTransformers() {
    JsonNode expected = Fixtures.json("smollm2.tokens.json");
    Tokenizer tokenizer = model.tokenizer();

    assertThat(tokenizer.bosId()).hasValue(expected.get("bos").asInt());
    assertThat(tokenizer.eosId()).hasValue(expected.get("eos").asInt());
    assertThat(tokenizer.padId()).hasValue(expected.get("pad").asInt());
    assertThat(tokenizer.vocabularySize()).isEqualTo(expected.get("size").asInt());
    assertThat(tokenizer.addsBos()).isFalse();
    assertThat(model.chatTemplate()).hasValue(expected.get("chatTemplate").asText());
  }
}
