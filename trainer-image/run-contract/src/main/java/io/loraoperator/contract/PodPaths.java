package io.loraoperator.contract;

/** Where things lie in the trainer's Pod. */
public final class PodPaths {

  /** The ConfigMap with the documents of the run and of the attempt. */
  public static final String RUN_DIRECTORY = "/etc/lora/run";

  /** Key of the run document in the ConfigMap. */
  public static final String RUN_FILE = "run.json";

  /** Key of the attempt document in the ConfigMap. */
  public static final String ATTEMPT_FILE = "attempt.json";

  /** Downloads, and checkpoints before they are uploaded. */
  public static final String WORK_DIRECTORY = "/var/lib/lora/work";

  /** Shared with the reporter, which reads it only. */
  public static final String PROGRESS_DIRECTORY = "/var/run/lora/progress";

  /** Where the run stands. */
  public static final String PROGRESS_FILE = PROGRESS_DIRECTORY + "/progress.json";

  /** What the kubelet puts into the container's status. */
  public static final String TERMINATION_MESSAGE = "/dev/termination-log";

  /** The keys of a Secret with access to S3. */
  public static final String ACCESS_KEY_ID = "accessKeyId";

  public static final String SECRET_ACCESS_KEY = "secretAccessKey";
  public static final String SESSION_TOKEN = "sessionToken";

  /** The key of a Secret with access to the Hugging Face hub. */
  public static final String HUB_TOKEN = "token";

  /** The key of a ConfigMap with certificates. */
  public static final String CA_CERTIFICATE = "ca.crt";

  /** What a source is for: every one has its own Secret and its own mount. */
  public enum Role {
    MODEL("model"),
    TRAIN("train"),
    EVALUATION("evaluation"),
    OUTPUT("output"),
    ADAPTER("adapter"),
    /** The repository that the adapter is pushed to. */
    PUSH("push");

    private final String folder;

    Role(String folder) {
      this.folder = folder;
    }

    /** The last part of its folders. */
    public String folder() {
      return folder;
    }
  }

  private PodPaths() {}

  /** Where the Secret of a source is mounted. */
  public static String secrets(Role role) {
    return "/etc/lora/secrets/" + role.folder();
  }

  /** Where the certificates of a source's endpoint are mounted. */
  public static String certificates(Role role) {
    return "/etc/lora/ca/" + role.folder();
  }

  /** Where the volume or the ConfigMap of a source is mounted. */
  public static String mount(Role role) {
    return "/mnt/lora/" + role.folder();
  }
}
