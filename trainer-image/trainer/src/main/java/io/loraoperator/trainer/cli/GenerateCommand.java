package io.loraoperator.trainer.cli;

import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.ExitCode;
import io.loraoperator.model.Generation;
import io.loraoperator.model.Sampling;
import io.loraoperator.trainer.prompt.Conversation;
import io.loraoperator.trainer.prompt.GenerationDefaults;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lora-trainer generate}. */
@Command(
    name = "generate",
    description = "Let a model go on with a prompt, with an adapter or without.",
    mixinStandardHelpOptions = true,
    versionProvider = CommandLines.VersionProvider.class)
final class GenerateCommand implements Callable<Integer> {

  @Mixin ModelOptions options = new ModelOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Option(names = "--prompt", required = true, paramLabel = "TEXT", description = "The prompt.")
  String prompt = "";

  @Option(
      names = "--chat",
      description = "The prompt is a user's message: put it into the model's chat template.")
  boolean chat;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "With --chat: what the model is told first.")
  @Nullable String system;

  @Option(
      names = "--chat-template",
      paramLabel = "TEMPLATE",
      description = "With --chat: ChatML or Jinja instead of the model's own template.")
  @Nullable String chatTemplate;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "Longest answer (default: ${DEFAULT-VALUE}).")
  int maxNewTokens = 128;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Text that ends the answer and is not part of it; may be given several times.")
  List<String> stopTexts = List.of();

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0 takes the most probable token. " + MODEL_SAYS)
  @Nullable Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Keep so many of the most probable tokens; 0 keeps all. " + MODEL_SAYS)
  @Nullable Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Keep the tokens that together have this probability. " + MODEL_SAYS)
  @Nullable Double topP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "R",
      description = "Divide the logits of tokens that have occurred by this. " + MODEL_SAYS)
  @Nullable Double repetitionPenalty;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Of the draws (default: ${DEFAULT-VALUE}).")
  long seed = 42;

  @Spec CommandSpec command = CommandSpec.create();

  private static final String MODEL_SAYS = "Default: as the model's generation_config.json says.";

  private final Shell shell;

  GenerateCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    checkOptions();
    return common.run(shell, console -> generate());
  }

  private void checkOptions() {
    options.check(command.commandLine());
    for (Map.Entry<String, @Nullable String> option :
        List.of(entry("--system", system), entry("--chat-template", chatTemplate))) {
      if (option.getValue() != null && !chat) {
        throw new ParameterException(
            command.commandLine(),
            option.getKey() + " only counts for a chat: add --chat, or leave it out");
      }
    }
    if (stopTexts.contains("")) {
      throw new ParameterException(
          command.commandLine(), "--stop must not be empty: give it a text, or leave it out");
    }
    try {
      var _ = sampling(new GenerationDefaults(Set.of(), 0, 0, 1, 1));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static Map.Entry<String, @Nullable String> entry(String name, @Nullable String value) {
    return new AbstractMap.SimpleEntry<>(name, value);
  }

  private Sampling sampling(GenerationDefaults defaults) {
    return new Sampling(
        Objects.requireNonNullElse(temperature, defaults.temperature()),
        Objects.requireNonNullElse(topK, defaults.topK()),
        Objects.requireNonNullElse(topP, defaults.topP()),
        Objects.requireNonNullElse(repetitionPenalty, defaults.repetitionPenalty()),
        seed);
  }

  private ExitCode generate() {
    try (LoadedModel loaded = options.load()) {
      Tokenizer tokenizer = loaded.files().tokenizer();
      GenerationDefaults defaults = GenerationDefaults.of(loaded.files());
      int[] ids;
      Set<Integer> ends = new TreeSet<>(defaults.endIds());
      if (chat) {
        Conversation conversation = new Conversation(loaded.files(), template(), system);
        ids = conversation.ask(prompt);
        ends.addAll(conversation.endOfTurn());
      } else {
        ids = tokenizer.promptIds(prompt);
      }
      StreamedText text = new StreamedText(tokenizer, stopTexts, common.json ? null : shell.out());
      Generation generation =
          loaded.model().generate(ids, maxNewTokens, ends, sampling(defaults), text::add);
      text.end();
      if (common.json) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("prompt", prompt);
        values.put("completion", text.text());
        values.put("tokens", generation.ids().length);
        values.put("stopped", generation.stoppedBy().isPresent() || text.stopped());
        shell.out().println(ContractJson.write(values));
      }
      return ExitCode.SUCCESS;
    }
  }

  /** What is asked for, or else what the adapter was trained with; null for the model's own. */
  private @Nullable String template() {
    return chatTemplate == null && options.adapter != null
        ? Tokenizer.chatTemplateIn(options.adapter).orElse(null)
        : chatTemplate;
  }
}
