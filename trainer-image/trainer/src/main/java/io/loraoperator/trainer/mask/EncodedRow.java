package io.loraoperator.trainer.mask;

/**
 * A row as tokens.
 *
 * @param ids the tokens
 * @param trained whether each token is a target; never the first, which nothing precedes
 * @param straddling tokens that lie on both sides of a boundary; they belong to the prompt
 * @param tokensBeforeTruncation how many there were before the row was cut
 * @param trainsEnd whether the end of the sequence is a target
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record EncodedRow(
    int[] ids, boolean[] trained, int straddling, int tokensBeforeTruncation, boolean trainsEnd) {

  /** How many tokens are targets. */
  public int trainedTokens() {
    int n = 0;
    for (boolean mark : trained) {
      n += mark ? 1 : 0;
    }
    return n;
  }

  /** Whether the row was cut. */
  public boolean truncated() {
    return tokensBeforeTruncation > ids.length;
  }
}
