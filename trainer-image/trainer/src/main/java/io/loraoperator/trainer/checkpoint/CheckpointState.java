package io.loraoperator.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.artifacts.LogEntry;
import io.loraoperator.trainer.batch.DataPosition;
import io.loraoperator.trainer.loop.BestEvaluation;
import io.loraoperator.trainer.loop.RunningMeans;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint holds beside tensors. Data order, position, schedule and all random draws
 * follow from the step and the specification; position and rate are kept to be compared.
 *
 * @param step optimizer steps done
 * @param position in the data, of the next step
 * @param learningRate of the next step
 * @param trainedSeconds over all attempts
 * @param datasetSha256 of the training rows as tokens
 * @param baseModelSha256 of the base model's weight files
 * @param best the best evaluation; null before the first
 * @param evaluatedStep the step after which the last evaluation was done; -1 before the first
 * @param pending the step's line of the log that waits for an evaluation which was interrupted
 * @param log the lines logged so far
 * @param answersBefore the answers of the model before training, which it cannot give any more
 */
public record CheckpointState(
    int step,
    DataPosition position,
    double learningRate,
    RunningMeans means,
    double trainedSeconds,
    String datasetSha256,
    String baseModelSha256,
    @Nullable BestEvaluation best,
    int evaluatedStep,
    @Nullable LogEntry pending,
    List<LogEntry> log,
    List<String> answersBefore) {

  /** A state of another form, with a part too few or too many, is not guessed at. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(ContractJson.times())
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

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
   * @param plannedPosition where this trainer goes on after the step
   * @param plannedRate the learning rate with which it goes on
   * @throws RunFailure if the data or the base model were replaced meanwhile, or if this trainer
   *     would take other steps than the one that wrote the checkpoint
   */
  public void checkInputs(
      String dataset, String baseModel, DataPosition plannedPosition, double plannedRate) {
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
    if (!position.equals(plannedPosition) || learningRate != plannedRate) {
      throw new RunFailure(
          Reason.InternalError,
          "this trainer orders the data or the learning rates otherwise than the one that wrote the checkpoint of step "
              + step,
          "Go on with the trainer image that began the run, or change the manifest so that a new run begins.");
    }
  }
}
