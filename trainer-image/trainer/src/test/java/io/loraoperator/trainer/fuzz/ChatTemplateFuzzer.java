package io.loraoperator.trainer.fuzz;

import io.loraoperator.trainer.prompt.Chat;
import io.loraoperator.trainer.prompt.ChatTemplate;
import io.loraoperator.trainer.template.TemplateException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Chat templates: parsed and rendered with a conversation. */
public final class ChatTemplateFuzzer {

  /** What a rendering's budget admits; see the template package. */
  private static final Bound BOUND =
      new Bound(1 << 30, Bound.FOUR_TIMES, TemplateException.class::isInstance);

  private static final Chat CHAT =
      new Chat(
          List.of(
              Map.of("role", "system", "content", "Be brief."),
              Map.of("role", "user", "content", "What is 1+1? 🚀"),
              Map.of("role", "assistant", "content", "Two.")),
          null);

  private ChatTemplateFuzzer() {}

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    String source = new String(input, StandardCharsets.UTF_8);
    BOUND.check(input.length, () -> template(source).prompt(CHAT));
    BOUND.check(input.length, () -> template(source).transcript(CHAT));
  }

  private static ChatTemplate template(String source) {
    return new ChatTemplate(source, Map.of("bos_token", "<s>", "eos_token", "</s>"));
  }
}
