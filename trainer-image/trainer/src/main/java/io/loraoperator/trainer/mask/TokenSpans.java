package io.loraoperator.trainer.mask;

import io.loraoperator.checkpoint.Encoding;
import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.trainer.prompt.CharSpan;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of a text that each token stands for. Byte-level tokenizers usually trim their offsets:
 * the space in " Hello" is left out of its span. It is put back here, for a boundary may lie right
 * behind that space.
 */
final class TokenSpans {

  /** How vocabularies write a space, a tab and line breaks at the start of an entry. */
  private static final String WRITTEN_WHITESPACE = "\u0120\u010A\u0109\u010D\u2581 \n\t\r";

  private TokenSpans() {}

  /** One span a token; (-1, -1) for tokens that the tokenizer added. */
  static List<CharSpan> of(String text, Encoding encoding, Tokenizer tokenizer) {
    List<CharSpan> spans = new ArrayList<>(encoding.length());
    int covered = 0;
    for (int i = 0; i < encoding.length(); i++) {
      int start = encoding.start()[i];
      int end = encoding.end()[i];
      if (start < 0) {
        spans.add(new CharSpan(-1, -1));
        continue;
      }
      if (start > covered
          && text.substring(covered, start).isBlank()
          && beginsWithWhitespace(tokenizer.token(encoding.ids()[i]))) {
        start = covered;
      }
      covered = Math.max(covered, end);
      spans.add(new CharSpan(start, end));
    }
    return spans;
  }

  private static boolean beginsWithWhitespace(String entry) {
    return !entry.isEmpty() && WRITTEN_WHITESPACE.indexOf(entry.charAt(0)) >= 0;
  }
}
