package io.loraoperator.trainer.mask;

import io.loraoperator.contract.ResultDocument;

/**
 * What became of the rows of a data set.
 *
 * @param rows in the slice
 * @param usedRows trained on
 * @param truncatedRows used, but cut at the maximum length
 * @param droppedRows too long, or without a token to learn
 * @param untrainableRows those of the dropped rows that have no token to learn
 * @param tokens of the used rows
 * @param trainedTokens targets of the used rows
 * @param straddlingTokens lying on a boundary
 * @param rowsTrainingEnd used rows whose end of sequence is learned
 * @param longestRow in tokens, before any cut
 * @param sha256 over the tokens and marks of the used rows
 */
public record DataCounts(
    long rows,
    long usedRows,
    long truncatedRows,
    long droppedRows,
    long untrainableRows,
    long tokens,
    long trainedTokens,
    long straddlingTokens,
    long rowsTrainingEnd,
    int longestRow,
    String sha256) {

  /** Tokens of the used rows that are no targets. */
  public long maskedTokens() {
    return tokens - trainedTokens;
  }

  /** As the result document says it. */
  public ResultDocument.Dataset toResult() {
    return new ResultDocument.Dataset(
        rows, usedRows, truncatedRows, droppedRows, trainedTokens, maskedTokens(), sha256);
  }
}
