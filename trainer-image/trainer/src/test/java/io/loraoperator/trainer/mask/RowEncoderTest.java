package io.loraoperator.trainer.mask;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.FineTuneSpec.Loss;
import io.loraoperator.contract.FineTuneSpec.LossTokens;
import io.loraoperator.contract.FineTuneSpec.Prompt;
import io.loraoperator.trainer.TinyModel;
import io.loraoperator.trainer.dataset.DataFiles;
import io.loraoperator.trainer.prompt.ModelTemplates;
import io.loraoperator.trainer.prompt.PromptFormatter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the committed corpus: tokens with the trained ones in brackets. */
class RowEncoderTest {

  @TempDir static Path folder;
  private static BaseModelFiles plain;
  private static BaseModelFiles withBos;

  @BeforeAll
  static void open() throws IOException {
    plain = BaseModelFiles.open(TinyModel.write(folder.resolve("plain"), false));
    withBos = BaseModelFiles.open(TinyModel.write(folder.resolve("bos"), true));
  }

  @AfterAll
  static void close() {
    plain.close();
    withBos.close();
  }

  record Case(JsonNode json) {
    @Override
    public String toString() {
      return json.path("name").asText();
    }
  }

  static List<Case> corpus() throws IOException {
    List<Case> cases = new ArrayList<>();
    try (InputStream in =
        Objects.requireNonNull(RowEncoderTest.class.getResourceAsStream("/masks.json"))) {
      new ObjectMapper().readTree(in).forEach(node -> cases.add(new Case(node)));
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("corpus")
  void marksWhatIsLearned(Case c, @TempDir Path data) throws IOException {
    JsonNode json = c.json();
    Path file = data.resolve("row.jsonl");
    Files.writeString(file, json.path("row").toString() + "\n");
    Prompt prompt = prompt(json);
    LossTokens answers =
        prompt instanceof Prompt.Messages ? LossTokens.Assistant : LossTokens.Completion;
    Loss loss =
        new Loss(
            json.path("all").asBoolean() ? LossTokens.All : answers,
            json.path("response").textValue(),
            json.path("instruction").textValue());
    BaseModelFiles model = json.path("bos").asBoolean() ? withBos : plain;
    List<EncodedRow> rows = new ArrayList<>();
    new DataFiles(file, FineTuneSpec.Format.Auto, new FineTuneSpec.Rows(0, null))
        .forEach(row ->
            rows.add(
                new RowEncoder(model.tokenizer(), json.path("maxLength").asInt(1000))
                    .encode(
                        PromptFormatter.of(prompt, loss, Set.of("q", "a"), ModelTemplates.of(model))
                            .format(row))));

    EncodedRow row = rows.getFirst();
    assertThat(rendered(row, model)).isEqualTo(json.path("expected").asText());
    assertThat(row.straddling()).isEqualTo(json.path("straddling").asInt(0));
    assertThat(row.truncated()).isEqualTo(json.path("truncated").asBoolean(false));
    assertThat(row.trainsEnd()).isEqualTo(json.path("trainsEnd").asBoolean(false));
  }

  private static Prompt prompt(JsonNode json) {
    if (json.has("chat")) {
      return new Prompt.Messages("messages", json.path("chat").asText());
    }
    if (json.has("completion")) {
      return new Prompt.Template(json.path("prompt").asText(), json.path("completion").asText());
    }
    return json.path("row").has("text")
        ? new Prompt.Text("text")
        : new Prompt.PromptCompletion("prompt", "completion");
  }

  /** Vocabulary entries with spaces between; runs of trained ones in brackets. */
  private static String rendered(EncodedRow row, BaseModelFiles model) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < row.ids().length; i++) {
      boolean before = i > 0 && row.trained()[i - 1];
      boolean now = row.trained()[i];
      text.append(before && !now ? "]" : "").append(i > 0 ? " " : "");
      text.append(now && !before ? "[" : "").append(model.tokenizer().token(row.ids()[i]));
    }
    return row.ids().length > 0 && row.trained()[row.ids().length - 1]
        ? text + "]"
        : text.toString();
  }

  @Test
  void countsTheTargetsOfARow() {
    int[] ids = {1, 2, 3, 4};
    EncodedRow row = new EncodedRow(ids, new boolean[] {false, false, true, true}, 0, 4, true);
    assertThat(row.trainedTokens()).isEqualTo(ids.length - 2);
  }
}
