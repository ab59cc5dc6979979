package io.loraoperator.contract;

/** Why the {@code Succeeded} condition is as it is: the STATUS column. */
public enum Reason {
  // Succeeded is Unknown.
  Pending(Outcome.UNKNOWN, "Wait: the operator has not started the run yet."),
  Preflight(Outcome.UNKNOWN, "Wait: the data and the memory are being audited."),
  Queued(Outcome.UNKNOWN, "Wait until the cluster has room, or ask for less in spec.resources."),
  GpuQuotaExceeded(
      Outcome.UNKNOWN,
      "Wait until GPUs of the namespace's quota are free, or have the quota raised."),
  Unschedulable(
      Outcome.UNKNOWN,
      "Ask for less in spec.resources, change spec.scheduling, or add a node that fits."),
  Starting(Outcome.UNKNOWN, "Wait: images are being pulled and containers started."),
  Running(Outcome.UNKNOWN, "Wait, and watch the STEP and REMAINING columns."),
  Suspended(Outcome.UNKNOWN, "Set spec.suspend to false to go on."),
  Resuming(Outcome.UNKNOWN, "Wait: the run goes on from its newest checkpoint."),

  // Succeeded is True.
  Completed(Outcome.TRUE, "Nothing to do: the adapter is at status.output.adapterUri."),
  StoppedEarly(
      Outcome.TRUE, "Nothing to do: the evaluation loss no longer fell; the best adapter is kept."),

  // Succeeded is False.
  InvalidSpec(Outcome.FALSE, "Correct the field that the message names and apply the manifest."),
  BaseModelNotFound(
      Outcome.FALSE,
      "Correct spec.baseModel.source or upload the model there, then set spec.restart to a new value."),
  UnsupportedModel(
      Outcome.FALSE, "Choose a model of a supported family and file format in spec.baseModel."),
  DatasetNotFound(
      Outcome.FALSE,
      "Correct spec.dataset or upload the file there, then set spec.restart to a new value."),
  DatasetInvalid(
      Outcome.FALSE,
      "Correct the row that the message names, upload the file and set spec.restart to a new value."),
  NoTrainableTokens(
      Outcome.FALSE,
      "Make spec.loss match the data: see what is masked with lora-trainer audit --show 3."),
  StorageAccessDenied(
      Outcome.FALSE,
      "Correct the Secret or the bucket's policy, then set spec.restart to a new value."),
  StorageUnavailable(
      Outcome.FALSE,
      "Check the endpoint, the bucket and the network, then set spec.restart to a new value."),
  InsufficientMemory(
      Outcome.FALSE,
      "Raise spec.resources.memory, or lower batchSize or maxLength, before anything is trained."),
  OutOfMemory(
      Outcome.FALSE,
      "Raise spec.resources.memory and the run goes on from its checkpoint; or lower batchSize or maxLength."),
  LossDiverged(
      Outcome.FALSE, "Lower spec.training.learningRate, or lengthen the warm-up, for a new run."),
  DeadlineExceeded(
      Outcome.FALSE,
      "Raise spec.activeDeadlineSeconds, then set spec.restart to a new value to go on from the checkpoint."),
  ImagePullFailed(
      Outcome.FALSE,
      "Check the images' names, that of the trainer or of spec.baseModel.source.image, and the pull secrets, then set spec.restart to a new value."),
  BackoffLimitExceeded(
      Outcome.FALSE,
      "See the Pods' events and logs, then set spec.restart to a new value to go on from the checkpoint."),
  InternalError(
      Outcome.FALSE,
      "See the trainer's log, report it as a bug, and set spec.restart to a new value to try again.");

  /** The status of the {@code Succeeded} condition that a reason belongs to. */
  public enum Outcome {
    UNKNOWN,
    TRUE,
    FALSE
  }

  private final Outcome outcome;
  private final String remedy;

  Reason(Outcome outcome, String remedy) {
    this.outcome = outcome;
    this.remedy = remedy;
  }

  /** The status of the {@code Succeeded} condition. */
  public Outcome outcome() {
    return outcome;
  }

  /** What a user can do, in one line. */
  public String remedy() {
    return remedy;
  }
}
