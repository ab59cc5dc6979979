package io.loraoperator.checkpoint;

/**
 * A text as tokens.
 *
 * @param ids token ids
 * @param start of each token in the text, as an index of UTF-16 units ({@link String#charAt}); -1
 *     for a special token that the tokenizer added
 * @param end after the last unit of each token; -1 for an added special token. The tokens of one
 *     character that takes several tokens all carry that character's span
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Encoding(int[] ids, int[] start, int[] end) {

  /** Number of tokens. */
  public int length() {
    return ids.length;
  }
}
