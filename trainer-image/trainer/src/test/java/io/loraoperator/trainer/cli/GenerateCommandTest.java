package io.loraoperator.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.trainer.TinyModel;
import io.loraoperator.trainer.prompt.GenerationDefaults;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Asking a model: where answers end, how tokens are chosen, what is refused. */
class GenerateCommandTest {

  @TempDir static Path shared;
  private static Path model;

  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    model = TinyModel.write(shared.resolve("model"), true);
  }

  private static Invocation generate(Path model, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of("generate", "--base-model", model.toString(), "--precision", "FLOAT32"));
    command.addAll(List.of(more));
    return Invocation.of(command.toArray(String[]::new));
  }

  private static JsonNode answer(Path model, String... more) throws IOException {
    String[] all = Arrays.copyOf(more, more.length + 3);
    System.arraycopy(new String[] {"--json", "--prompt", "hello"}, 0, all, more.length, 3);
    Invocation run = generate(model, all);
    assertThat(run.code()).as(run.err()).isZero();
    return new ObjectMapper().readTree(run.out());
  }

  /** The same model with another {@code generation_config.json}. */
  private Path with(String generationConfig) throws IOException {
    Path copy = TinyModel.write(folder.resolve("model"), true);
    Files.writeString(copy.resolve("generation_config.json"), generationConfig);
    return copy;
  }

  @ParameterizedTest
  @CsvSource({
    "--system be brief, --system only counts for a chat: add --chat",
    "--chat-template ChatML, --chat-template only counts for a chat: add --chat",
    "--top-k -1, topK must be 0 or more",
    "--top-p 0, topP must be over 0",
    "--repetition-penalty 0, repetitionPenalty must be over 0",
    "--stop  , --stop must not be empty",
  })
  void whatDoesNotCountIsRefusedWithARemedy(String option, String message) {
    String[] parts = option.split(" ", 2);
    Invocation refused =
        generate(model, parts[0], parts.length > 1 ? parts[1].strip() : "", "--prompt", "a");

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains(message);
  }

  @Test
  void everyEndTokenOfTheModelEndsAnAnswer() throws IOException {
    JsonNode unbroken = answer(model, "--max-new-tokens", "12");
    assertThat(unbroken.path("stopped").asBoolean()).isFalse();
    String text = unbroken.path("completion").asText();
    int[] ids;
    try (BaseModelFiles files = BaseModelFiles.open(model)) {
      ids = files.tokenizer().encode(text, false).ids();
    }
    Path ending = with("{\"eos_token_id\": [%d, %d]}".formatted(ids[ids.length - 1], 1000));

    JsonNode ended = answer(ending, "--max-new-tokens", "12");

    assertThat(ended.path("stopped").asBoolean()).isTrue();
    assertThat(ended.path("tokens").asInt()).isLessThan(12);
    assertThat(text).startsWith(ended.path("completion").asText());
  }

  @Test
  void aStopTextEndsTheAnswerAndIsNotPartOfIt() throws IOException {
    String text = answer(model, "--max-new-tokens", "12").path("completion").asText();
    String stop = text.substring(text.length() / 2, text.length() / 2 + 2);

    JsonNode ended = answer(model, "--max-new-tokens", "12", "--stop", "never", "--stop", stop);

    assertThat(ended.path("completion").asText()).isEqualTo(text.substring(0, text.indexOf(stop)));
    assertThat(ended.path("stopped").asBoolean()).isTrue();
    Invocation streamed =
        generate(model, "--max-new-tokens", "12", "--stop", stop, "--prompt", "hello");
    assertThat(streamed.out())
        .isEqualTo(ended.path("completion").asText() + System.lineSeparator());
  }

  @Test
  void whatMayBecomeAStopTextIsHeldBack() {
    try (BaseModelFiles files = BaseModelFiles.open(model)) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
      StreamedText text = new StreamedText(files.tokenizer(), List.of("###", "#!"), out);
      List<String> seen = new ArrayList<>();
      for (String token : List.of("a", "#", "b", "#", "!", "c")) {
        boolean goesOn =
            IntStream.of(files.tokenizer().encode(token, false).ids()).allMatch(text::add);
        seen.add(bytes.toString(StandardCharsets.UTF_8));
        if (!goesOn) {
          break;
        }
      }
      text.end();

      assertThat(seen).containsExactly("a", "a", "a#b", "a#b", "a#b");
      assertThat(text.text()).isEqualTo("a#b");
      assertThat(text.stopped()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                              | 0   | 0  | 1   | 1
          {"do_sample": true}                                             | 1   | 50 | 1   | 1
          {"do_sample": true, "temperature": 0.6, "top_p": 0.9, "top_k": 20} | 0.6 | 20 | 0.9 | 1
          {"temperature": 0.6, "repetition_penalty": 1.1}                 | 0   | 0  | 1   | 1.1
          """)
  void theModelsMakersSayHowItIsAsked(
      String json, double temperature, int topK, double topP, double penalty) throws IOException {
    try (BaseModelFiles files = BaseModelFiles.open(with(json))) {
      assertThat(GenerationDefaults.of(files))
          .isEqualTo(
              new GenerationDefaults(
                  Set.of(files.tokenizer().eosId().orElseThrow()),
                  temperature,
                  topK,
                  topP,
                  penalty));
    }
  }

  @Test
  void optionsOverruleThem() throws IOException {
    Path sampling = with("{\"do_sample\": true, \"temperature\": 5.0}");

    assertThat(answer(sampling, "--temperature", "0")).isEqualTo(answer(model));
    assertThat(answer(sampling, "--top-k", "1").path("completion"))
        .isEqualTo(answer(model).path("completion"));
    assertThat(answer(sampling).path("completion")).isNotEqualTo(answer(model).path("completion"));
  }
}
