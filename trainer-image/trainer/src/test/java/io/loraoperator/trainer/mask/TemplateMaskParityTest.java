package io.loraoperator.trainer.mask;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.contract.FineTuneSpec.Format;
import io.loraoperator.contract.FineTuneSpec.Loss;
import io.loraoperator.contract.FineTuneSpec.LossTokens;
import io.loraoperator.contract.FineTuneSpec.Prompt;
import io.loraoperator.contract.FineTuneSpec.Rows;
import io.loraoperator.trainer.TinyModel;
import io.loraoperator.trainer.dataset.DataFiles;
import io.loraoperator.trainer.prompt.ModelTemplates;
import io.loraoperator.trainer.prompt.PromptFormatter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Template masks against TRL 0.19's, where it finds the template, and against labels by hand. */
class TemplateMaskParityTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path PARITY = Path.of("../parity");

  /** What is to be learned of each row, parts with | between them; blanks at the edges aside. */
  private static final Map<String, String> BY_HAND =
      Map.ofEntries(
          Map.entry("one turn", "yo</s>"),
          Map.entry("turns", "yo|no</s>"),
          Map.entry("line breaks", "yo|no\n</s>"),
          Map.entry("without instruction template", "yo</s>"),
          Map.entry("template at the start", "yo</s>"),
          Map.entry("template after a space", "yo</s>"),
          Map.entry("template after a line break", "yo</s>"),
          Map.entry("template after a tab", "yo</s>"),
          Map.entry("template after a letter", "yo</s>"),
          Map.entry("template with its line break", "yo</s>"),
          Map.entry("template with its line break before an indent", "yo</s>"),
          Map.entry("template with a space before it", "a</s>"),
          Map.entry("template twice", "one ### Assistant: two</s>"),
          Map.entry("template missing", ""),
          Map.entry("template in the user's words", "twice ### Assistant: yes</s>"),
          Map.entry("assistant first", "yo|so</s>"),
          Map.entry("user has the last word", "yo"),
          Map.entry("empty answer", "</s>"),
          Map.entry("emoji", "🎉|👩‍👩‍👧</s>"),
          Map.entry("japanese", "高い</s>"),
          Map.entry("japanese template", "高い</s>"),
          Map.entry("end token written", "yo</s>"),
          Map.entry("end tokens between turns", "yo</s>|no</s>"));

  /** Where TRL trains something else on purpose. */
  private static final Set<String> OTHERWISE =
      Set.of(
          // Without an instruction template TRL takes the last response template, we the first.
          "template twice");

  @TempDir static Path folder;
  private static final Map<String, BaseModelFiles> MODELS = new LinkedHashMap<>();

  @BeforeAll
  static void open() throws IOException {
    for (String kind : List.of("byte-level", "sentencepiece")) {
      Path model = TinyModel.write(folder.resolve(kind), false);
      Files.copy(
          PARITY.resolve("chat-templates/fixtures").resolve(kind).resolve("tokenizer.json"),
          model.resolve("tokenizer.json"),
          StandardCopyOption.REPLACE_EXISTING);
      Files.writeString(model.resolve("tokenizer_config.json"), "{\"eos_token\": \"</s>\"}");
      MODELS.put(kind, BaseModelFiles.open(model));
    }
  }

  @AfterAll
  static void close() {
    MODELS.values().forEach(BaseModelFiles::close);
  }

  record Row(JsonNode json) {
    @Override
    public String toString() {
      return json.path("tokenizer").asText() + ", " + json.path("name").asText();
    }
  }

  static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    JSON.readTree(PARITY.resolve("masks/fixtures.json").toFile())
        .path("rows")
        .forEach(row -> rows.add(new Row(row)));
    return rows;
  }

  @ParameterizedTest
  @MethodSource("rows")
  void learnsWhatAReviewerMarkedAndWhatTrlMarks(Row row, @TempDir Path data) throws IOException {
    JsonNode json = row.json();
    BaseModelFiles model = MODELS.get(json.path("tokenizer").asText());
    assertThat(model).isNotNull();
    EncodedRow encoded = encode(json, model, data);
    String name = json.path("name").asText();

    assertThat(encoded.ids()).isEqualTo(JSON.convertValue(json.path("ids"), int[].class));
    assertThat(parts(encoded, model)).isEqualTo(BY_HAND.get(name));
    if (json.path("found").asBoolean() && !OTHERWISE.contains(name)) {
      List<Boolean> theirs = new ArrayList<>();
      json.path("trained").forEach(mark -> theirs.add(mark.asInt() == 1));
      assertThat(encoded.trained()).containsExactly(theirs.toArray(Boolean[]::new));
    }
  }

  @Test
  void trlFindsEnoughTemplatesToCompareWith() throws IOException {
    assertThat(rows().stream().filter(row -> row.json().path("found").asBoolean()).count())
        .isGreaterThanOrEqualTo(20);
  }

  private static EncodedRow encode(JsonNode json, BaseModelFiles model, Path data)
      throws IOException {
    Path file = data.resolve("row.jsonl");
    Files.writeString(file, JSON.createObjectNode().put("text", json.path("text").asText()) + "\n");
    Loss loss =
        new Loss(
            LossTokens.Completion,
            json.path("response").textValue(),
            json.path("instruction").textValue());
    PromptFormatter formatter =
        PromptFormatter.of(new Prompt.Text("text"), loss, Set.of("text"), ModelTemplates.of(model));
    List<EncodedRow> rows = new ArrayList<>();
    new DataFiles(file, Format.Auto, new Rows(0, null))
        .forEach(
            row -> rows.add(new RowEncoder(model.tokenizer(), 1000).encode(formatter.format(row))));
    return rows.getFirst();
  }

  private static String parts(EncodedRow row, BaseModelFiles model) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    while (from < row.ids().length) {
      int to = from;
      while (to < row.ids().length && row.trained()[to] == row.trained()[from]) {
        to++;
      }
      if (row.trained()[from]) {
        parts.add(
            model
                .tokenizer()
                .decode(java.util.Arrays.copyOfRange(row.ids(), from, to), false)
                .strip());
      }
      from = to;
    }
    return String.join("|", parts);
  }
}
