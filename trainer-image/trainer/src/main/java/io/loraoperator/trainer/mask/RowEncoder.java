package io.loraoperator.trainer.mask;

import io.loraoperator.checkpoint.Encoding;
import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.trainer.prompt.CharSpan;
import io.loraoperator.trainer.prompt.PromptText;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Tokenises a text and marks what is learned.
 *
 * <ul>
 *   <li>The text is tokenised as a whole, as the model will see it; the learned parts are found by
 *       the tokens' character spans. A token is learned if it lies wholly within a learned part;
 *       one that lies on both sides of a boundary belongs to the prompt.
 *   <li>BOS comes exactly once where the tokenizer adds it. EOS ends the row unless it is there
 *       already, and is learned where the learned part reaches the end of the text, also if the
 *       padding token is the same one.
 *   <li>A text that is complete, as a rendered chat is, gets neither; its end is learned if any of
 *       the learned tokens is EOS or another special token.
 *   <li>A row too long is cut at its end; EOS is not added again.
 * </ul>
 */
public final class RowEncoder {

  private final Tokenizer tokenizer;
  private final int maxLength;

  /**
   * Makes an encoder.
   *
   * @param maxLength in tokens
   */
  public RowEncoder(Tokenizer tokenizer, int maxLength) {
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
  }

  /** The tokens of a text, cut to the maximum length. */
  public EncodedRow encode(PromptText prompt) {
    Encoding encoding = tokenizer.encode(prompt.text(), !prompt.complete());
    List<CharSpan> spans = TokenSpans.of(prompt.text(), encoding, tokenizer);
    int first = startsWithTwoBos(encoding) ? 1 : 0;
    OptionalInt eos = prompt.complete() ? OptionalInt.empty() : tokenizer.eosId();
    int length = encoding.length() - first;
    boolean endsWithEos =
        eos.isPresent() && length > 0 && encoding.ids()[encoding.length() - 1] == eos.getAsInt();
    int total = length + (eos.isPresent() && !endsWithEos ? 1 : 0);

    int[] ids = Arrays.copyOfRange(encoding.ids(), first, first + total);
    boolean[] trained = new boolean[total];
    int straddling = 0;
    for (int i = 0; i < length; i++) {
      Membership membership = membership(spans.get(first + i), prompt.trained());
      trained[i] = membership == Membership.INSIDE;
      straddling += membership == Membership.STRADDLING ? 1 : 0;
    }
    if (eos.isPresent()) {
      ids[total - 1] = eos.getAsInt();
      trained[total - 1] = prompt.trainsEnd();
    }
    if (total > 0) {
      trained[0] = false;
    }
    int kept = Math.min(total, maxLength);
    boolean trainsEnd =
        prompt.complete()
            ? trainsSpecial(ids, trained, kept)
            : kept == total && total > 1 && trained[total - 1];
    return new EncodedRow(
        Arrays.copyOf(ids, kept), Arrays.copyOf(trained, kept), straddling, total, trainsEnd);
  }

  private boolean trainsSpecial(int[] ids, boolean[] trained, int length) {
    OptionalInt eos = tokenizer.eosId();
    for (int i = 0; i < length; i++) {
      boolean end = tokenizer.isSpecial(ids[i]) || (eos.isPresent() && ids[i] == eos.getAsInt());
      if (trained[i] && end) {
        return true;
      }
    }
    return false;
  }

  private boolean startsWithTwoBos(Encoding encoding) {
    OptionalInt bos = tokenizer.bosId();
    return bos.isPresent()
        && encoding.length() > 1
        && encoding.start()[0] < 0
        && encoding.ids()[0] == bos.getAsInt()
        && encoding.ids()[1] == bos.getAsInt();
  }

  private enum Membership {
    INSIDE,
    OUTSIDE,
    STRADDLING
  }

  private static Membership membership(CharSpan token, List<CharSpan> trained) {
    if (token.start() < 0) {
      return Membership.OUTSIDE;
    }
    for (CharSpan part : trained) {
      if (token.start() >= part.start() && token.end() <= part.end()) {
        return token.end() > token.start() || part.end() > part.start()
            ? Membership.INSIDE
            : Membership.OUTSIDE;
      }
      if (token.start() < part.end() && token.end() > part.start()) {
        return Membership.STRADDLING;
      }
    }
    return Membership.OUTSIDE;
  }
}
