package io.loraoperator.trainer.artifacts;

import io.loraoperator.checkpoint.Encoding;
import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.Sampling;
import io.loraoperator.trainer.loop.StopSignal;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Answers prompts, always with the most probable token. */
public final class Answers {

  private final FineTunableModel model;
  private final Tokenizer tokenizer;
  private final int maxNewTokens;
  private final StopSignal stop;

  /** Answers of at most so many tokens. */
  public Answers(FineTunableModel model, Tokenizer tokenizer, int maxNewTokens, StopSignal stop) {
    this.model = model;
    this.tokenizer = tokenizer;
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

  private String answer(String prompt) {
    int[] ids = promptIds(tokenizer, prompt);
    int[] answer =
        model
            .generate(ids, maxNewTokens, stopIds(tokenizer), Sampling.GREEDY, id -> stop.check())
            .ids();
    return tokenizer.decode(answer, true);
  }

  /** A prompt's tokens as in training, with what the tokenizer adds before it, and no EOS. */
  public static int[] promptIds(Tokenizer tokenizer, String prompt) {
    Encoding encoding = tokenizer.encode(prompt, true);
    int length = encoding.length();
    while (length > 1 && encoding.start()[length - 1] < 0) {
      length--;
    }
    return Arrays.copyOf(encoding.ids(), length);
  }

  /** The tokens that end an answer. */
  public static Set<Integer> stopIds(Tokenizer tokenizer) {
    return tokenizer.eosId().stream().boxed().collect(Collectors.toUnmodifiableSet());
  }
}
