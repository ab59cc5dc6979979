package io.loraoperator.trainer.prompt;

import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.trainer.template.Rendered;
import io.loraoperator.trainer.template.Template;
import io.loraoperator.trainer.template.TemplateException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Renders conversations as a model was taught to read them; the text equals transformers' {@code
 * apply_chat_template}.
 *
 * <p>What the assistant says is learned: the parts in {@code generation} blocks where the template
 * has them, as in TRL's {@code assistant_only_loss}. Elsewhere it is what the loop over the
 * messages writes for an assistant's message, without the header that {@code add_generation_prompt}
 * would write, since the model is given that; the end-of-turn token is part of it.
 */
public final class ChatTemplate {

  /** The format that OpenAI's ChatML introduced, for models that have no template of their own. */
  public static final String CHAT_ML =
      """
      {%- for message in messages %}
          {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- '<|im_start|>assistant\\n' }}
      {%- endif %}
      """;

  private static final String MESSAGES = "messages";
  private static final String ASSISTANT = "assistant";

  /** Names that messages' reasoning comes under; the first is what templates read. */
  private static final List<String> REASONING =
      List.of("reasoning_content", "thinking", "reasoning");

  private final Template template;
  private final Map<String, String> specialTokens;

  /**
   * Reads a template.
   *
   * @param specialTokens what the template knows by names such as {@code bos_token}
   * @throws TemplateException if it is no template
   */
  public ChatTemplate(String source, Map<String, String> specialTokens) {
    this.template = Template.parse(source);
    this.specialTokens = Map.copyOf(specialTokens);
  }

  /** The special tokens of a tokenizer, by the names that templates use. */
  public static Map<String, String> specialTokens(Tokenizer tokenizer) {
    Map<String, String> tokens = new LinkedHashMap<>();
    put(tokens, "bos_token", tokenizer.bosId(), tokenizer);
    put(tokens, "eos_token", tokenizer.eosId(), tokenizer);
    put(tokens, "pad_token", tokenizer.padId(), tokenizer);
    return tokens;
  }

  private static void put(
      Map<String, String> tokens, String name, OptionalInt id, Tokenizer tokenizer) {
    id.ifPresent(present -> tokens.put(name, tokenizer.token(present)));
  }

  /**
   * The text that asks the model for its next message.
   *
   * @throws TemplateException if the template refuses the conversation
   */
  public String prompt(Chat chat) {
    return render(chat, true).text();
  }

  /**
   * The whole conversation, all of it learned.
   *
   * @throws TemplateException if the template refuses the conversation
   */
  public PromptText transcript(Chat chat) {
    String text = render(chat, false).text();
    return new PromptText(text, List.of(new CharSpan(0, text.length())), true);
  }

  /**
   * The whole conversation, with what the assistant says marked.
   *
   * @throws TemplateException if the template refuses the conversation, or does not tell what the
   *     assistant says
   */
  public PromptText conversation(Chat chat) {
    Rendered whole = render(chat, false);
    List<CharSpan> trained = new ArrayList<>();
    if (whole.generated().isEmpty()) {
      assistantParts(chat, whole, trained);
    } else {
      whole.generated().forEach(part -> add(trained, part.start(), part.end()));
    }
    return new PromptText(whole.text(), trained, true);
  }

  private void assistantParts(Chat chat, Rendered whole, List<CharSpan> trained) {
    if (chat.messages().stream().noneMatch(ChatTemplate::isAssistant)) {
      return;
    }
    String header = header(chat);
    for (Rendered.Part part : whole.items()) {
      if (isAssistant(chat.messages().get(part.index()))) {
        String text = whole.text().substring(part.start(), part.end());
        add(trained, part.start() + afterHeader(text, header), part.end());
      }
    }
    if (trained.isEmpty()) {
      throw TemplateException.value(
          "no loop over the messages writes the assistant's words, so they cannot be told from the"
              + " rest; mark them with {% generation %}, or set spec.loss.tokens to All");
    }
    // Some templates end a conversation with EOS behind the last message.
    String eos = specialTokens.get("eos_token");
    int end = lastEnd(whole);
    if (isAssistant(chat.messages().getLast()) && whole.text().substring(end).equals(eos)) {
      add(trained, end, whole.text().length());
    }
  }

  /** What stands between the last message and the assistant's next words. */
  private String header(Chat chat) {
    Rendered asking = render(chat, true);
    return asking.text().substring(lastEnd(asking));
  }

  private static int lastEnd(Rendered rendered) {
    return rendered.items().isEmpty() ? 0 : rendered.items().getLast().end();
  }

  /** Where the answer begins in what is written for an assistant's message. */
  private static int afterHeader(String text, String header) {
    int at = text.indexOf(header);
    return at < 0 ? commonPrefix(text, header) : at + header.length();
  }

  private static int commonPrefix(String a, String b) {
    int n = 0;
    while (n < a.length() && n < b.length() && a.charAt(n) == b.charAt(n)) {
      n++;
    }
    return n;
  }

  private static void add(List<CharSpan> spans, int start, int end) {
    if (!spans.isEmpty() && spans.getLast().end() == start) {
      spans.set(spans.size() - 1, new CharSpan(spans.getLast().start(), end));
    } else if (end > start) {
      spans.add(new CharSpan(start, end));
    }
  }

  private static boolean isAssistant(Map<String, @Nullable Object> message) {
    return ASSISTANT.equals(message.get("role"));
  }

  private Rendered render(Chat chat, boolean addGenerationPrompt) {
    Map<String, @Nullable Object> values = new HashMap<>(specialTokens);
    values.put(MESSAGES, chat.messages().stream().map(ChatTemplate::withReasoning).toList());
    values.put("tools", chat.tools());
    values.put("documents", null);
    values.put("add_generation_prompt", addGenerationPrompt);
    return template.render(values, MESSAGES);
  }

  /** Reasoning under any of its names is found under the usual one, as in transformers. */
  private static Map<String, @Nullable Object> withReasoning(
      Map<String, @Nullable Object> message) {
    for (String name : REASONING) {
      Object reasoning = message.get(name);
      if (reasoning != null) {
        Map<String, @Nullable Object> renamed = new LinkedHashMap<>();
        renamed.put("thinking", reasoning);
        renamed.putAll(message);
        renamed.put("reasoning_content", reasoning);
        return renamed;
      }
    }
    return message;
  }
}
