package io.loraoperator.trainer.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.trainer.prompt.ChatFixtures.Example;
import io.loraoperator.trainer.prompt.ChatFixtures.Family;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which templates stand for which models, and how many conversations each is compared by. */
class ChatFamiliesTest {

  private static final Path TABLE = Path.of("../parity/chat-templates/README.md");
  private static final int ENOUGH = 12;

  /** By {@code model_type}; those without a template of their own are given ChatML. */
  private static final Map<String, List<String>> TEMPLATES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("gemma", List.of("gemma")),
              Map.entry("gemma2", List.of("gemma")),
              Map.entry("gemma3_text", List.of("gemma-3")),
              Map.entry("gpt2", List.of("chatml")),
              Map.entry("gpt_neo", List.of("chatml")),
              Map.entry(
                  "llama", List.of("llama-2", "llama-3", "llama-3.1", "llama-3.2", "smollm2")),
              Map.entry("mistral", List.of("mistral-v1", "mistral-v3", "mistral-v7")),
              Map.entry("opt", List.of("chatml")),
              Map.entry("phi", List.of("chatml")),
              Map.entry("phi3", List.of("phi-3", "phi-3.5", "phi-4")),
              Map.entry("qwen2", List.of("qwen-2.5")),
              Map.entry("qwen3", List.of("qwen-3", "qwen-3-2507")),
              Map.entry("smollm3", List.of("smollm3"))));

  /** The types that the refusal of an unknown one lists. */
  @Test
  void everyFamilyHasATemplate() {
    UnsupportedModelException refusal =
        catchThrowableOfType(
            UnsupportedModelException.class,
            () -> Architecture.of(Map.of("model_type", "unknown")));
    var named =
        Pattern.compile("[a-z0-9_]*[a-z][a-z0-9_]*")
            .matcher(
                String.valueOf(refusal.getMessage())
                    .replaceAll("(?s).*one of ", "")
                    .replace(" and ", " "))
            .results()
            .map(match -> match.group())
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(named).isEqualTo(TEMPLATES.keySet());
  }

  @Test
  void theTableTellsHowManyConversationsAreCompared() throws IOException {
    StringBuilder table =
        new StringBuilder(
            "| `model_type` | template | texts and ids compared | refused here as there |\n|---|---|---|---|\n");
    TEMPLATES.forEach((type, names) ->
        names.forEach(name -> {
          Family family = family(name);
          long compared = conversations().stream().filter(c -> !isRefused(family, c)).count();
          long refused = conversations().size() - compared;
          assertThat(compared).as(name).isGreaterThanOrEqualTo(ENOUGH);
          table.append("| `%s` | %s | %d | %d |\n".formatted(type, name, compared, refused));
        }));

    assertThat(Files.readString(TABLE)).contains(table);
  }

  private static boolean isRefused(Family family, Example conversation) {
    return family.expected(conversation.name()).has("refused");
  }

  private static List<Example> conversations() {
    return ChatFixtures.conversations().stream()
        .filter(conversation -> !conversation.chat().messages().isEmpty())
        .toList();
  }

  private static Family family(String name) {
    return ChatFixtures.families().stream()
        .filter(family -> family.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no fixture " + name));
  }
}
