package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenizerTest {

  @TempDir Path folder;

  private BaseModelFiles model;
  private Tokenizer tokenizer;

  @BeforeAll
  void open() {
    model = BaseModelFiles.open(Fixtures.TINY_LLAMA);
    tokenizer = model.tokenizer();
  }

  @AfterAll
  void close() {
    model.close();
  }

  static List<JsonNode> corpus() {
    List<JsonNode> rows = new ArrayList<>();
    Fixtures.json("tiny-llama.tokens.json").get("rows").forEach(rows::add);
    return rows;
  }

  @ParameterizedTest
  @MethodSource("corpus")
  void idsAndTextEqualTransformers(JsonNode row) {
    int[] ids = Fixtures.ints(row.get("ids"));

    assertThat(tokenizer.encode(row.get("text").asText(), true).ids()).containsExactly(ids);
    assertThat(tokenizer.decode(ids, true)).isEqualTo(row.get("decoded").asText());
  }

  @ParameterizedTest
  @MethodSource("corpus")
  void spansCoverTheTextWithoutGaps(JsonNode row) {
    String text = row.get("text").asText();
    assertSpansCover(text, tokenizer.encode(text, true));
  }

  static void assertSpansCover(String text, Encoding encoding) {
    int end = 0;
    for (int i = 0; i < encoding.length(); i++) {
      // Tokens of the same character share its span.
      assertThat(encoding.start()[i]).isLessThanOrEqualTo(end);
      assertThat(encoding.end()[i]).isGreaterThanOrEqualTo(end).isGreaterThan(encoding.start()[i]);
      end = encoding.end()[i];
    }
    assertThat(end).isEqualTo(text.length());
  }

  @Test
  void spansAreUtf16IndicesAndKeepTheSpaceOfTheirToken() {
    Encoding encoding = tokenizer.encode("\uD83D\uDE00 the<|im_end|>", true);

    int last = encoding.length() - 1;
    assertThat(encoding.ids()[last]).isEqualTo(tokenizer.eosId().orElseThrow());
    assertThat(encoding.start()[last]).isEqualTo(6);
    assertThat(encoding.end()[last]).isEqualTo(16);
    assertThat(encoding.start()[0]).isZero();
    assertThat(encoding.end()[0]).isEqualTo(2);
    int spaced = 0;
    while (!tokenizer.token(encoding.ids()[spaced]).startsWith("Ġ")) {
      spaced++;
    }
    int characters = tokenizer.token(encoding.ids()[spaced]).length();
    assertThat(characters).isGreaterThan(1);
    assertThat(encoding.start()[spaced]).isEqualTo(2);
    assertThat(encoding.end()[spaced]).isEqualTo(2 + characters);
  }

  @Test
  void halfASurrogatePairIsReplacedNotMisread() {
    Encoding encoding = tokenizer.encode("a\uD83Db\uDE00", false);

    assertThat(tokenizer.decode(encoding.ids(), false)).isEqualTo("a\uFFFDb\uFFFD");
    assertSpansCover("a\uD83Db\uDE00", encoding);
  }

  @Test
  void longTextsAreNeitherCutNorPadded() {
    String text = "the quick brown fox ".repeat(5_000);

    Encoding encoding = tokenizer.encode(text, true);

    assertThat(encoding.length()).isGreaterThan(10_000);
    assertThat(tokenizer.decode(encoding.ids(), true)).isEqualTo(text);
  }

  @Test
  void rolesAndVocabulary() {
    JsonNode expected = Fixtures.json("tiny-llama.tokens.json");
    assertThat(tokenizer.bosId()).hasValue(expected.get("bos").asInt());
    assertThat(tokenizer.eosId()).hasValue(expected.get("eos").asInt());
    assertThat(tokenizer.padId()).hasValue(expected.get("pad").asInt());
    assertThat(tokenizer.vocabularySize()).isEqualTo(expected.get("size").asInt());
    assertThat(tokenizer.addsBos()).isFalse();
    assertThat(tokenizer.token(2)).isEqualTo("<|im_end|>");
    assertThat(tokenizer.id("<|im_end|>")).hasValue(2);
    assertThat(tokenizer.id("no such token")).isEmpty();
    assertThat(tokenizer.isSpecial(2)).isTrue();
    assertThat(tokenizer.isSpecial(20)).isFalse();
    assertThatThrownBy(() -> tokenizer.token(320))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no token 320");
    assertThatThrownBy(() -> tokenizer.decode(new int[] {-1}, true))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(model.chatTemplate()).hasValue(expected.get("chatTemplate").asText());
  }

  /**
   * The golden files are loaded in transformers by
   * trainer-image/parity/checkpoint/check_written.py.
   */
  @Test
  void savedFilesAreTheGoldenOnesAndLoadAgain() throws IOException {
    Path saved = Fixtures.WRITTEN.resolve("tokenizer");
    tokenizer.saveTo(saved);

    for (String name :
        List.of("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")) {
      assertThat(saved.resolve(name))
          .hasSameTextualContentAs(Fixtures.FOLDER.resolve("written/tokenizer").resolve(name));
    }
    try (FastTokenizer again = FastTokenizer.load(TokenizerSource.read(saved))) {
      for (JsonNode row : corpus()) {
        assertThat(again.encode(row.get("text").asText(), true).ids())
            .containsExactly(Fixtures.ints(row.get("ids")));
      }
      assertThat(again.eosId()).isEqualTo(tokenizer.eosId());
    }
    assertThat(TokenizerSource.read(saved).chatTemplate()).isEqualTo(model.chatTemplate());
  }

  @Test
  void readsWhatTransformersSaved() {
    TokenizerSource saved = TokenizerSource.read(Fixtures.FOLDER.resolve("transformers-tokenizer"));
    try (FastTokenizer read = FastTokenizer.load(saved)) {
      for (JsonNode row : corpus()) {
        Encoding encoding = read.encode(row.get("text").asText(), true);
        assertThat(encoding.ids()).containsExactly(Fixtures.ints(row.get("ids")));
        assertSpansCover(row.get("text").asText(), encoding);
      }
      assertThat(read.bosId()).isEqualTo(tokenizer.bosId());
      assertThat(read.eosId()).isEqualTo(tokenizer.eosId());
      assertThat(read.padId()).isEqualTo(tokenizer.padId());
    }
    assertThat(saved.chatTemplate()).isEqualTo(model.chatTemplate());
  }

  @ParameterizedTest
  @CsvSource({
    "true,  true,  '1,C,2'",
    "true,  false, '1,C'",
    "false, true,  'C,2'",
    "false, false, 'C'"
  })
  void whatTheConfigurationSaysOfBosAndEosIsDone(boolean bos, boolean eos, String expected)
      throws IOException {
    Path changed = Files.createTempDirectory(folder, "template");
    tokenizer.saveTo(changed);
    Path configFile = changed.resolve(TokenizerSource.CONFIG_FILE);
    ObjectNode config = JsonFiles.readObject(configFile);
    config.put("add_bos_token", bos);
    config.put("add_eos_token", eos);
    Files.write(configFile, JsonFiles.pretty(config));

    try (FastTokenizer read = FastTokenizer.load(TokenizerSource.read(changed))) {
      Encoding encoding = read.encode("C", true);

      int c = read.id("C").orElseThrow();
      List<String> shown = new ArrayList<>();
      for (int i = 0; i < encoding.length(); i++) {
        boolean own = encoding.ids()[i] == c;
        shown.add(own ? "C" : String.valueOf(encoding.ids()[i]));
        assertThat(encoding.start()[i]).isEqualTo(own ? 0 : -1);
        assertThat(encoding.end()[i]).isEqualTo(own ? 1 : -1);
      }
      assertThat(String.join(",", shown)).isEqualTo(expected);
      assertThat(read.addsBos()).isEqualTo(bos);
      assertThat(read.encode("C", false).ids()).containsExactly(c);
    }
  }

  @Test
  void tokensListedOnlyInTheConfigurationAreAdded() throws IOException {
    Path changed = Files.createTempDirectory(folder, "added");
    tokenizer.saveTo(changed);
    Path configFile = changed.resolve(TokenizerSource.CONFIG_FILE);
    ObjectNode config = JsonFiles.readObject(configFile);
    config
        .putObject("added_tokens_decoder")
        .putObject("320")
        .put("content", "<new>")
        .put("lstrip", false)
        .put("normalized", false)
        .put("rstrip", false)
        .put("single_word", false)
        .put("special", true);
    config.putObject("pad_token").put("content", "<new>");
    Files.write(configFile, JsonFiles.pretty(config));

    try (FastTokenizer read = FastTokenizer.load(TokenizerSource.read(changed))) {
      assertThat(read.encode("<new>", false).ids()).containsExactly(320);
      assertThat(read.padId()).hasValue(320);
      assertThat(read.vocabularySize()).isEqualTo(321);
      assertThat(read.isSpecial(320)).isTrue();
    }
  }

  @Test
  void theTemplateFileOverrulesTheConfiguration() throws IOException {
    Path changed = Files.createTempDirectory(folder, "chat");
    tokenizer.saveTo(changed);
    Files.writeString(changed.resolve("chat_template.jinja"), "{{ messages }}");

    assertThat(TokenizerSource.read(changed).chatTemplate()).hasValue("{{ messages }}");
  }

  @Test
  void ofSeveralTemplatesTheDefaultCounts() {
    ObjectNode config = JsonFiles.MAPPER.createObjectNode();
    config
        .putArray("chat_template")
        .add(JsonFiles.MAPPER.createObjectNode().put("name", "tool_use").put("template", "t"))
        .add(JsonFiles.MAPPER.createObjectNode().put("name", "default").put("template", "d"));
    ObjectNode none = JsonFiles.MAPPER.createObjectNode();

    assertThat(new TokenizerSource(folder, none, config).chatTemplate()).hasValue("d");
    assertThat(new TokenizerSource(folder, none, none).chatTemplate()).isEmpty();
  }

  @Test
  void aBrokenTokenizerIsNamed() throws IOException {
    Path changed = Files.createTempDirectory(folder, "broken");
    Files.writeString(changed.resolve("tokenizer.json"), "{\"model\": {\"type\": \"nonsense\"}}");

    assertThatThrownBy(() -> FastTokenizer.load(TokenizerSource.read(changed)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(changed.toString())
        .hasMessageContaining("the tokenizers library refuses tokenizer.json");
  }

  @Test
  void aTokenizerThatFailsOverATextIsNamed() throws IOException {
    Path changed = Files.createTempDirectory(folder, "unknown");
    Files.writeString(
        changed.resolve("tokenizer.json"),
        "{\"model\": {\"type\": \"WordLevel\", \"vocab\": {\"a\": 0}, \"unk_token\": \"none\"}}");

    try (Tokenizer wordLevel = FastTokenizer.load(TokenizerSource.read(changed))) {
      assertThatThrownBy(() -> wordLevel.encode("b", false))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(changed.toString())
          .hasMessageContaining(
              "the tokenizers library cannot work with tokenizer.json: WordLevel");
    }
  }
}
