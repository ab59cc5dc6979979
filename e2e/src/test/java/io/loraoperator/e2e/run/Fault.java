package io.loraoperator.e2e.run;

/** What the chaos suite does to a run, and what is to come of it. */
enum Fault {
  TRAINER_SIGKILL(Lost.SINCE_CHECKPOINT, "Resuming"),
  TRAINER_SIGTERM(Lost.NOTHING, "Resuming"),
  POD_EVICTED(Lost.NOTHING, "Resuming"),
  POD_PREEMPTED(Lost.NOTHING, "Resuming"),
  SUSPENDED(Lost.NOTHING, "Suspended"),
  CHECKPOINT_FLIPPED_BYTE(Lost.A_CHECKPOINT, "Suspended"),
  CHECKPOINT_WITHOUT_FILES(Lost.A_CHECKPOINT, "Suspended"),
  CHECKPOINT_WITHOUT_MANIFEST(Lost.A_CHECKPOINT, "Suspended"),
  REPORTER_KILLED(Lost.NO_ATTEMPT, "Running"),
  OPERATOR_KILLED(Lost.NO_ATTEMPT, "Running"),
  OPERATOR_KILLED_WITH_TRAINER(Lost.SINCE_CHECKPOINT, "Resuming"),
  OPERATOR_PARTITIONED_WITH_TRAINER(Lost.SINCE_CHECKPOINT, "Resuming"),
  API_SERVER_AWAY(Lost.NO_ATTEMPT, "Running", "kube-apiserver"),
  S3_AWAY(Lost.NO_ATTEMPT, "Running", "minio"),
  S3_FORBIDDEN(Lost.SINCE_CHECKPOINT, "StorageAccessDenied"),
  NODE_LOST(Lost.SINCE_CHECKPOINT, "Resuming", "kubelet");

  /** How much may have to be done again. */
  enum Lost {
    /** The attempt goes on. */
    NO_ATTEMPT,
    /** The next attempt goes on at the step where this one stopped. */
    NOTHING,
    /** What came after the newest checkpoint that had been stored. */
    SINCE_CHECKPOINT,
    /** The newest checkpoint is spoilt: the one before is used. */
    A_CHECKPOINT
  }

  private final Lost lost;
  private final String status;
  private final String component;

  Fault(Lost lost, String status) {
    this(lost, status, "");
  }

  Fault(Lost lost, String status, String component) {
    this.lost = lost;
    this.status = status;
    this.component = component;
  }

  /** The node's program that it stops, or nothing; not every cluster lets one be stopped. */
  String component() {
    return component;
  }

  Lost lost() {
    return lost;
  }

  /** A value that the STATUS column shows meanwhile. */
  String status() {
    return status;
  }
}
