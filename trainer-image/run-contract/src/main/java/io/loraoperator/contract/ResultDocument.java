package io.loraoperator.contract;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt ended: the trainer's termination message and {@code result.json}.
 *
 * @param schemaVersion of this document
 * @param reason null for an interruption with a checkpoint, which is no outcome
 * @param message what happened, for a person
 * @param remedy what to do about it; null if nothing is to be done
 */
public record ResultDocument(
    int schemaVersion,
    @Nullable Reason reason,
    String message,
    @Nullable String remedy,
    @Nullable Dataset dataset,
    @Nullable Output output,
    @Nullable String baseModelSha256,
    @Nullable Effective effective,
    @Nullable Double finalLoss,
    @Nullable Integer finalStep,
    @Nullable Long trainedSeconds) {

  /** The version of this document's form. */
  public static final int SCHEMA_VERSION = 1;

  /** What the kubelet takes of a termination message, in bytes. */
  public static final int MAXIMUM_BYTES = 4096;

  /** Counts of the training data. */
  public record Dataset(
      long rows,
      long usedRows,
      long truncatedRows,
      long droppedRows,
      long trainedTokens,
      long maskedTokens,
      String sha256) {}

  /**
   * Where the results lie.
   *
   * @param hubUri the commit that holds the adapter on the Hugging Face hub, too
   */
  public record Output(
      String adapterUri,
      String adapterSha256,
      @Nullable String reportUri,
      @Nullable String mergedModelUri,
      @Nullable String hubUri) {

    /** The same with a commit. */
    public Output onHub(String commit) {
      return new Output(adapterUri, adapterSha256, reportUri, mergedModelUri, commit);
    }
  }

  /** What family-dependent defaults came to. */
  public record Effective(List<String> targetModules, int totalSteps) {}

  /** A document that says only how it ended. */
  public static ResultDocument failure(Reason reason, String message, String remedy) {
    return new ResultDocument(
        SCHEMA_VERSION, reason, message, remedy, null, null, null, null, null, null, null);
  }

  /**
   * Reads a document.
   *
   * @throws IOException if it is not one
   */
  public static ResultDocument parse(String json) throws IOException {
    return ContractJson.read(json, ResultDocument.class);
  }

  /** The canonical text; a message too long for a termination message is cut. */
  public String toJson() {
    String json = ContractJson.write(this);
    ResultDocument shortened = this;
    int keep = message.length();
    while (json.getBytes(StandardCharsets.UTF_8).length > MAXIMUM_BYTES && keep > 0) {
      keep = keep / 2;
      if (keep > 0 && Character.isHighSurrogate(message.charAt(keep - 1))) {
        keep--;
      }
      shortened = shortened.withMessage(message.substring(0, keep) + "...");
      json = ContractJson.write(shortened);
    }
    return json;
  }

  private ResultDocument withMessage(String text) {
    return new ResultDocument(
        schemaVersion,
        reason,
        text,
        remedy,
        dataset,
        output,
        baseModelSha256,
        effective,
        finalLoss,
        finalStep,
        trainedSeconds);
  }
}
