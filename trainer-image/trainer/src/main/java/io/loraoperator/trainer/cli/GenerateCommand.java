package io.loraoperator.trainer.cli;

import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.ExitCode;
import io.loraoperator.model.Generation;
import io.loraoperator.model.Sampling;
import io.loraoperator.trainer.artifacts.Answers;
import io.loraoperator.trainer.prompt.Conversation;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
      names = "--temperature",
      paramLabel = "T",
      description = "0 takes the most probable token (default: ${DEFAULT-VALUE}).")
  double temperature;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "Keep the tokens that together have this probability (default: ${DEFAULT-VALUE}).")
  double topP = 1;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Of the draws (default: ${DEFAULT-VALUE}).")
  long seed = 42;

  private final Shell shell;

  GenerateCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    Sampling sampling;
    try {
      sampling = new Sampling(temperature, topP, seed);
    } catch (IllegalArgumentException e) {
      shell.err().println("error: " + e.getMessage());
      return ExitCode.USAGE.code();
    }
    return common.run(shell, console -> generate(sampling));
  }

  private ExitCode generate(Sampling sampling) {
    try (LoadedModel loaded = options.load()) {
      Tokenizer tokenizer = loaded.files().tokenizer();
      int[] ids = Answers.promptIds(tokenizer, prompt);
      Set<Integer> stops = new TreeSet<>(Answers.stopIds(tokenizer));
      if (chat) {
        Conversation conversation = new Conversation(loaded.files(), chatTemplate, system);
        ids = conversation.ask(prompt);
        stops.addAll(conversation.endOfTurn());
      }
      StreamedText text = new StreamedText(tokenizer, common.json ? null : shell.out());
      Generation generation =
          loaded.model().generate(ids, maxNewTokens, stops, sampling, text::add);
      if (common.json) {
        shell
            .out()
            .println(
                ContractJson.write(
                    Map.of(
                        "prompt",
                        prompt,
                        "completion",
                        tokenizer.decode(generation.ids(), true),
                        "tokens",
                        generation.ids().length,
                        "stopped",
                        generation.stoppedBy().isPresent())));
      } else {
        text.end();
      }
      return ExitCode.SUCCESS;
    }
  }
}
