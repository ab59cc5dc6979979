package io.loraoperator.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.artifacts.LogEntry;
import io.loraoperator.trainer.loop.RunningMeans;
import java.util.List;

/**
 * What a checkpoint holds beside tensors.
 *
 * @param step optimizer steps done. Data order, position, schedule and all random draws follow from
 *     it and the specification
 * @param trainedSeconds over all attempts
 * @param datasetSha256 of the training rows as tokens
 * @param baseModelSha256 of the base model's weight files
 * @param log the lines logged so far
 * @param answersBefore the answers of the model before training, which it cannot give any more
 */
public record CheckpointState(
    int step,
    RunningMeans means,
    double trainedSeconds,
    String datasetSha256,
    String baseModelSha256,
    List<LogEntry> log,
    List<String> answersBefore) {

  private static final ObjectMapper JSON = new ObjectMapper();

  public CheckpointState {
    log = List.copyOf(log);
    answersBefore = List.copyOf(answersBefore);
  }

  /** As a tree, for the checkpoint's file. */
  public ObjectNode toTree() {
    return JSON.valueToTree(this);
  }

  /** Reads a state back. */
  public static CheckpointState of(ObjectNode tree) throws JsonProcessingException {
    return JSON.treeToValue(tree, CheckpointState.class);
  }

  /**
   * Checks that the run would go on with what it began with.
   *
   * @throws RunFailure if the data or the base model were replaced meanwhile
   */
  public void checkInputs(String dataset, String baseModel) {
    if (!datasetSha256.equals(dataset)) {
      throw new RunFailure(
          Reason.DatasetInvalid,
          "the training data are not those that this run began with, and it is at step " + step,
          "Put the old file back, or change the manifest so that a new run begins.");
    }
    if (!baseModelSha256.equals(baseModel)) {
      throw new RunFailure(
          Reason.UnsupportedModel,
          "the base model is not the one that this run began with, and it is at step " + step,
          "Put the old files back, or change the manifest so that a new run begins.");
    }
  }
}
