package io.loraoperator.trainer.artifacts;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.Sampling;
import io.loraoperator.trainer.loop.StopSignal;
import io.loraoperator.trainer.prompt.Conversation;
import io.loraoperator.trainer.prompt.GenerationDefaults;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Answers prompts, always with the most probable token. Where chats are trained, a prompt is what a
 * user says; elsewhere the model goes on with it.
 */
public final class Answers {

  private final FineTunableModel model;
  private final BaseModelFiles base;
  private final FineTuneSpec.Prompt prompt;
  private final int maxNewTokens;
  private final StopSignal stop;

  /**
   * Answers of at most so many tokens.
   *
   * @param prompt how the rows are written that are trained
   */
  public Answers(
      FineTunableModel model,
      BaseModelFiles base,
      FineTuneSpec.Prompt prompt,
      int maxNewTokens,
      StopSignal stop) {
    this.model = model;
    this.base = base;
    this.prompt = prompt;
    this.maxNewTokens = maxNewTokens;
    this.stop = stop;
  }

  /**
   * One answer for each prompt.
   *
   * @throws StopSignal.Interruption if told to stop meanwhile
   */
  public List<String> answer(List<String> prompts) {
    return prompts.stream().map(this::answer).toList();
  }

  private String answer(String words) {
    Tokenizer tokenizer = base.tokenizer();
    Set<Integer> ends = new TreeSet<>(GenerationDefaults.of(base).endIds());
    int[] ids;
    if (prompt instanceof FineTuneSpec.Prompt.Messages chat) {
      Conversation conversation = new Conversation(base, chat.chatTemplate(), null);
      ids = conversation.ask(words);
      ends.addAll(conversation.endOfTurn());
    } else {
      ids = tokenizer.promptIds(words);
    }
    int[] answer =
        model
            .generate(
                ids,
                maxNewTokens,
                ends,
                Sampling.GREEDY,
                id -> {
                  stop.check();
                  return true;
                })
            .ids();
    return tokenizer.decode(answer, true);
  }
}
