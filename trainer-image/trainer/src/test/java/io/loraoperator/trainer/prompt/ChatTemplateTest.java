package io.loraoperator.trainer.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.trainer.mask.EncodedRow;
import io.loraoperator.trainer.mask.RowEncoder;
import io.loraoperator.trainer.prompt.ChatFixtures.Example;
import io.loraoperator.trainer.prompt.ChatFixtures.Family;
import io.loraoperator.trainer.template.TemplateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts and parts of real families' templates, against transformers. */
class ChatTemplateTest {

  /** Conversations that a family's template must accept for the comparison to count. */
  private static final int ENOUGH = 12;

  static List<Family> families() {
    return ChatFixtures.families();
  }

  /** Those that transformers asks the template about. */
  private static List<Example> conversations() {
    return ChatFixtures.conversations().stream()
        .filter(conversation -> !conversation.chat().messages().isEmpty())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("families")
  void writesWhatTransformersWrites(Family family) {
    ChatTemplate template = family.template();
    SoftAssertions softly = new SoftAssertions();
    int compared = 0;
    for (Example conversation : conversations()) {
      JsonNode expected = family.expected(conversation.name());
      try {
        String text =
            conversation.asks()
                ? template.prompt(conversation.chat())
                : template.conversation(conversation.chat()).text();
        softly.assertThat(text).as(conversation.name()).isEqualTo(expected.path("text").asText());
        compared++;
      } catch (TemplateException e) {
        softly
            .assertThat(e.getMessage())
            .as(conversation.name())
            .isEqualTo(expected.path("refused").asText("no refusal"));
      }
    }
    softly.assertThat(compared).isGreaterThanOrEqualTo(ENOUGH);
    softly.assertAll();
  }

  @ParameterizedTest
  @MethodSource("families")
  void givesTheTokensThatTransformersGives(Family family, @TempDir Path folder) throws IOException {
    try (BaseModelFiles model = family.model(folder)) {
      SoftAssertions softly = new SoftAssertions();
      int encoded = 0;
      int compared = 0;
      int straddling = 0;
      for (Example conversation : conversations()) {
        JsonNode expected = family.expected(conversation.name());
        if (expected.has("refused")) {
          continue;
        }
        encoded++;
        if (conversation.asks()) {
          String prompt = family.template().prompt(conversation.chat());
          softly
              .assertThat(model.tokenizer().encode(prompt, false).ids())
              .as(conversation.name())
              .isEqualTo(ints(expected.path("ids")));
          continue;
        }
        EncodedRow row = encode(family, model, conversation.chat());
        softly.assertThat(row.ids()).as(conversation.name()).isEqualTo(ints(expected.path("ids")));
        if (expected.has("trained")) {
          int[] theirs = ints(expected.path("trained"));
          int more = 0;
          for (int i = 0; i < theirs.length; i++) {
            softly
                .assertThat(row.trained()[i] && theirs[i] == 0)
                .as("%s, token %d", conversation.name(), i)
                .isFalse();
            more += !row.trained()[i] && theirs[i] == 1 ? 1 : 0;
          }
          // A token on both sides of a boundary is the prompt's here and the answer's there.
          softly.assertThat(more).as(conversation.name()).isEqualTo(row.straddling());
          straddling += more;
          compared++;
        }
      }
      softly.assertThat(encoded).isGreaterThanOrEqualTo(ENOUGH);
      softly.assertThat(straddling).isLessThanOrEqualTo(compared / 8);
      softly.assertAll();
    }
  }

  /** TRL's training variants mark by hand what is found here in the original. */
  @ParameterizedTest
  @ValueSource(strings = {"gemma", "gemma-3", "llama-3", "phi-3", "phi-3.5", "qwen-2.5"})
  void findsWhatTrlMarks(String name) {
    ChatTemplate original = family(name).template();
    ChatTemplate training = family(name + "-training").template();
    SoftAssertions softly = new SoftAssertions();
    int compared = 0;
    for (Example conversation : conversations()) {
      if (conversation.asks() || family(name).expected(conversation.name()).has("refused")) {
        continue;
      }
      PromptText ours = original.conversation(conversation.chat());
      PromptText theirs = training.conversation(conversation.chat());
      if (ours.text().equals(theirs.text())) {
        softly
            .assertThat(trained(ours))
            .as(conversation.name())
            // TRL trains Qwen's line break behind the header, which the model is given.
            .isEqualTo(
                name.startsWith("qwen")
                    ? trained(theirs).stream().map(part -> part.substring(1)).toList()
                    : trained(theirs));
        compared++;
      }
    }
    softly.assertThat(compared).isGreaterThanOrEqualTo(ENOUGH);
    softly.assertAll();
  }

  @ParameterizedTest
  @CsvSource({
    "chatml, <|im_end|>",
    "gemma, <end_of_turn>",
    "gemma-3, <end_of_turn>",
    "llama-2, </s>",
    "llama-3, <|eot_id|>",
    "llama-3.1, <|eot_id|>",
    "llama-3.2, <|eot_id|>",
    "mistral-v1, </s>",
    "mistral-v3, </s>",
    "mistral-v7, </s>",
    "phi-3, <|end|>",
    "phi-3.5, <|end|>",
    "phi-4, <|im_end|>",
    "qwen-2.5, <|im_end|>",
    "qwen-3, <|im_end|>",
    "qwen-3-2507, <|im_end|>",
    "smollm2, <|im_end|>",
    "smollm3, <|im_end|>"
  })
  void theAssistantsWordsAndTheirEndAreLearnedAndNothingElse(String name, String end) {
    SoftAssertions softly = new SoftAssertions();
    for (Example conversation : conversations()) {
      if (conversation.asks() || family(name).expected(conversation.name()).has("refused")) {
        continue;
      }
      List<Map<String, @Nullable Object>> said =
          conversation.chat().messages().stream()
              .filter(message -> "assistant".equals(message.get("role")))
              .toList();
      List<String> parts = trained(family(name).template().conversation(conversation.chat()));
      softly.assertThat(parts).as(conversation.name()).hasSameSizeAs(said);
      for (int i = 0; i < Math.min(parts.size(), said.size()); i++) {
        String words = String.valueOf(said.get(i).get("content")).strip();
        // Some templates leave out earlier reasoning, or the words beside a tool call.
        String answer = words.contains("</think>") ? words.split("</think>", 2)[1].strip() : words;
        if (!said.get(i).containsKey("tool_calls")) {
          softly.assertThat(parts.get(i)).as(conversation.name()).contains(answer);
        }
        softly.assertThat(parts.get(i)).as(conversation.name()).contains(end);
        softly.assertThat(parts.get(i)).as(conversation.name()).doesNotContain("assistant");
      }
    }
    softly.assertAll();
  }

  @ParameterizedTest
  @CsvSource({
    "chatml, <|im_end|>",
    "gemma-3, <end_of_turn>",
    "llama-2, </s>",
    "llama-3.1, <|eot_id|>",
    "mistral-v3, </s>",
    "phi-3.5, <|end|> <|endoftext|>",
    "qwen-3, <|im_end|>"
  })
  void anAnswerEndsWithTheTemplatesOwnTokens(String name, String ends, @TempDir Path folder)
      throws IOException {
    try (BaseModelFiles model = family(name).model(folder)) {
      Conversation conversation = new Conversation(model, null, null);
      assertThat(conversation.endOfTurn().stream().map(model.tokenizer()::token))
          .containsExactlyInAnyOrder(ends.split(" "));
      JsonNode expected = family(name).expected("generation prompt");
      assertThat(conversation.ask("Go on")).isEqualTo(ints(expected.path("ids")));
    }
  }

  private static List<String> trained(PromptText text) {
    return text.trained().stream()
        .map(span -> text.text().substring(span.start(), span.end()))
        .toList();
  }

  private static Family family(String name) {
    return families().stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
  }

  private static EncodedRow encode(Family family, BaseModelFiles model, Chat chat) {
    return new RowEncoder(model.tokenizer(), 1 << 20).encode(family.template().conversation(chat));
  }

  private static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
