package io.loraoperator.trainer.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loraoperator.contract.FineTuneSpec.Format;
import io.loraoperator.contract.FineTuneSpec.Loss;
import io.loraoperator.contract.FineTuneSpec.LossTokens;
import io.loraoperator.contract.FineTuneSpec.Prompt;
import io.loraoperator.contract.FineTuneSpec.Rows;
import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.dataset.DataFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of files as texts, by chats and by templates over their columns. */
class PromptFormatterTest {

  private static final ModelTemplates NONE = new ModelTemplates(Optional.empty(), Map.of());

  /** The instruction format of a Japanese dolly set: with context and without. */
  private static final String DOLLY =
      """
      ### Instruction:
      {{ instruction }}

      {% if input %}
      ### Context:
      {{ input }}

      {% endif %}
      ### Response:
      """;

  @TempDir Path folder;

  /** Texts with the learned parts in brackets. */
  private List<String> texts(
      String name, String content, Prompt prompt, LossTokens tokens, ModelTemplates templates)
      throws IOException {
    Path file = Files.writeString(folder.resolve(name), content);
    DataFiles files = new DataFiles(file, Format.Auto, new Rows(0, null));
    PromptFormatter formatter =
        PromptFormatter.of(prompt, new Loss(tokens, null, null), files.columns(), templates);
    List<String> texts = new ArrayList<>();
    files.forEach(row -> texts.add(marked(formatter.format(row))));
    return texts;
  }

  private static String marked(PromptText text) {
    StringBuilder marked = new StringBuilder(text.text());
    for (CharSpan span : text.trained().reversed()) {
      marked.insert(span.end(), "]").insert(span.start(), "[");
    }
    return marked.toString();
  }

  private List<String> chats(String name, String content, @Nullable String template)
      throws IOException {
    return texts(name, content, new Prompt.Messages("m", template), LossTokens.Assistant, NONE);
  }

  @Test
  void chatsOfAllKindsOfFilesGiveTheSameText() throws IOException {
    String messages =
        "[{\"role\": \"user\", \"content\": \"q\"}, {\"role\": \"assistant\", \"content\": \"a\"}]";
    String escaped = messages.replace("\"", "\"\"");
    String shareGpt =
        "[{\"from\": \"human\", \"value\": \"q\"}, {\"from\": \"gpt\", \"value\": \"a\"}]";
    String expected = "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\n[a<|im_end|>\n]";
    assertThat(chats("a.jsonl", "{\"m\": " + messages + "}", "ChatML")).containsExactly(expected);
    assertThat(chats("b.jsonl", "{\"m\": " + shareGpt + "}", "ChatML")).containsExactly(expected);
    assertThat(chats("c.csv", "m,x\n\"" + escaped + "\",1\n", "ChatML")).containsExactly(expected);
  }

  @Test
  void toolsStandInAColumnOfTheirOwn() throws IOException {
    String template =
        "{% if tools %}{{ tools[0].name }}|{% endif %}"
            + "{% for m in messages %}{{ m.role[0] }}{{ m.content }};{% endfor %}";
    String messages = "\"m\": [{\"role\": \"assistant\", \"content\": \"a\"}]";
    String rows =
        "{%s, \"tools\": [{\"name\": \"f\"}]}\n{%s, \"tools\": null}\n{%s, \"tools\": \"[{\\\"name\\\": \\\"g\\\"}]\"}"
            .formatted(messages, messages, messages);
    assertThat(chats("a.jsonl", rows, template)).containsExactly("f|[aa;]", "[aa;]", "g|[aa;]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"x": 1}                  | line 1: there is no field "m"; the row has x
          {"m": null}               | line 1: field "m" must be a list of messages, not null
          {"m": 5}                  | line 1: field "m" must be a list
          {"m": "hello"}            | line 1: field "m" is no JSON list
          {"m": []}                 | line 1: field "m" has no message
          {"m": ["a"]}              | line 1: m[0] must be an object with role and content
          {"m": [{"content": "a"}]} | line 1: m[0] has no role
          {"m": [{"role": "user"}]} | line 1: m[0] has no content
          {"m": [{"role": "wizard", "content": "a"}]} | line 1: the template of spec.dataset.prompt.messages.chatTemplate refuses it: no wizards
          {"m": [{"role": "user", "content": null}]} | line 1: the template of spec.dataset.prompt.messages.chatTemplate fails in its line 1: + does not work on None
          """)
  void chatsThatAreNoneAreNamed(String row, String message) {
    String template =
        "{% for m in messages %}{% if m.role == 'wizard' %}{{ raise_exception('no wizards') }}{% endif %}"
            + "{{ m.content + '' }}{% endfor %}";
    assertThatThrownBy(() -> chats("a.jsonl", row, template))
        .isInstanceOf(RunFailure.class)
        .hasMessageContaining(message);
  }

  @Test
  void aTemplateThatIsMissingOrBrokenIsNamed() {
    String row = "{\"m\": [{\"role\": \"user\", \"content\": \"a\"}]}";
    assertThatThrownBy(() -> chats("a.jsonl", row, null))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("chatTemplate: the model has no chat template of its own");
    assertThatThrownBy(() -> chats("a.jsonl", row, "\n{% for m %}"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("chatTemplate: line 2: expected in, not %}");
    assertThatThrownBy(
            () -> chats("a.jsonl", row, "{% for i in range(99999) %}{{ 'x' * 9999 }}{% endfor %}"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("makes a text of more than");
    String untold =
        "{% set ns = namespace(t='') %}{% for m in messages %}{% set ns.t = ns.t ~ m.content %}{% endfor %}{{ ns.t }}";
    String said = "{\"m\": [{\"role\": \"assistant\", \"content\": \"a\"}]}";
    assertThatThrownBy(() -> chats("a.jsonl", said, untold))
        .isInstanceOf(RunFailure.class)
        .hasMessageContaining("mark them with {% generation %}");
  }

  @Test
  void everythingIsLearnedWhereThatIsAsked() throws IOException {
    assertThat(
            texts(
                "a.jsonl",
                "{\"m\": [{\"role\": \"user\", \"content\": \"q\"}]}",
                new Prompt.Messages("m", null),
                LossTokens.All,
                new ModelTemplates(
                    Optional.of("{{ bos_token }}{{ messages[0].content }}"),
                    Map.of("bos_token", "<s>"))))
        .containsExactly("[<s>q]");
  }

  @Test
  void templatesOverColumnsMayHaveConditions() throws IOException {
    String rows =
        """
        {"instruction": "要約して", "input": "長い文", "output": "短い"}
        {"instruction": "hi", "input": "", "output": "yo"}
        {"instruction": "null", "input": null, "output": "x"}
        {"instruction": "absent", "output": "x"}
        """;
    assertThat(
            texts(
                "a.jsonl",
                rows,
                new Prompt.Template(DOLLY, "{{ output }}"),
                LossTokens.Completion,
                NONE))
        .containsExactly(
            "### Instruction:\n要約して\n\n### Context:\n長い文\n\n### Response:[短い]",
            "### Instruction:\nhi\n\n### Response:[yo]",
            "### Instruction:\nnull\n\n### Response:[x]",
            "### Instruction:\nabsent\n\n### Response:[x]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {{ question }}; spec.dataset.prompt.template.prompt: uses question, which is no column of the data; use one of q, a
          {{ q; spec.dataset.prompt.template.prompt: line 1: a tag is not closed: }} is missing; correct the template
          """)
  void templatesThatDoNotFitTheColumnsAreNamed(String template, String message, String remedy) {
    assertThatThrownBy(() ->
            texts(
                "a.jsonl",
                "{\"q\": \"1\", \"a\": \"2\"}",
                new Prompt.Template(template, "{{ a }}"),
                LossTokens.Completion,
                NONE))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessage(message)
        .satisfies(e -> assertThat(((InvalidSpecException) e).remedy()).isEqualTo(remedy));
  }
}
