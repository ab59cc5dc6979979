package io.loraoperator.contract;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code LoraFineTune} asks for, as far as the trainer acts on it: one record for each
 * object of the manifest, with defaults applied. Made by {@link SpecReader}, which has checked it.
 */
public record FineTuneSpec(
    BaseModel baseModel,
    Dataset dataset,
    Loss loss,
    Lora lora,
    Training training,
    Checkpointing checkpoint,
    Output output,
    Samples samples,
    Tracking tracking) {

  /** The precision of the frozen weights and of the activations. Adapters are always float32. */
  public enum Precision {
    Float32,
    BFloat16
  }

  /**
   * The model to adapt.
   *
   * @param quantization null to keep the weights in the precision
   * @param addedTokens new vocabulary entries
   */
  public record BaseModel(
      Source source,
      Precision precision,
      @Nullable Quantization quantization,
      List<String> addedTokens) {

    /** Copies the list. */
    public BaseModel {
      addedTokens = List.copyOf(addedTokens);
    }
  }

  /**
   * Linear weights in four-bit NormalFloat.
   *
   * @param doubleQuantization whether the blocks' scales are quantised, too
   * @param blockSize weights that share a scale
   */
  public record Quantization(boolean doubleQuantization, int blockSize) {

    /** What QLoRA and bitsandbytes use. */
    public static final int DEFAULT_BLOCK_SIZE = 64;
  }

  /**
   * The rows and how they become tokens.
   *
   * @param evaluation null if nothing is held out
   * @param maxLength in tokens
   */
  public record Dataset(
      DataFile train,
      @Nullable Evaluation evaluation,
      Prompt prompt,
      int maxLength,
      Overlong overlong) {}

  /** One file of rows, or a folder of such files. */
  public record DataFile(Source source, Format format, Rows rows) {}

  /** How a data file is written. */
  public enum Format {
    /** By the file's name. */
    Auto,
    JsonLines,
    /** One array of objects. */
    Json,
    /** With a header line. */
    Csv,
    /** With a header line and tabs between the fields. */
    Tsv,
    Parquet,
    /** Every line is a row with the one field {@code text}. */
    Text
  }

  /**
   * A slice of the rows.
   *
   * @param from the first one, counted from 0
   * @param to one past the last; null for all
   */
  public record Rows(int from, @Nullable Integer to) {}

  /** What the model is evaluated on. */
  public sealed interface Evaluation {
    /** A part of the training rows, taken out of them. */
    record Fraction(BigDecimal fraction) implements Evaluation {}

    /** Rows of their own. */
    record OwnData(DataFile data) implements Evaluation {}
  }

  /** How a row becomes text. */
  public sealed interface Prompt {
    /** One field holds the whole text. */
    record Text(String field) implements Prompt {}

    /** Two fields, the second of which is learned. */
    record PromptCompletion(String promptField, String completionField) implements Prompt {}

    /**
     * One field holds the messages of a chat.
     *
     * @param chatTemplate {@code ChatML}, or Jinja; null for the model's own
     */
    record Messages(String field, @Nullable String chatTemplate) implements Prompt {}

    /**
     * Jinja over the row's fields.
     *
     * @param completion null if the whole prompt is learned
     */
    record Template(String prompt, @Nullable String completion) implements Prompt {}
  }

  /** What happens to a row of more than {@code maxLength} tokens. */
  public enum Overlong {
    Truncate,
    Drop,
    Fail
  }

  /** Which tokens are learned. */
  public enum LossTokens {
    Completion,
    /** What the assistant says in a chat. */
    Assistant,
    All
  }

  /**
   * Which part of a text is learned.
   *
   * @param responseTemplate for {@code text}: where the learned part begins
   * @param instructionTemplate for {@code text}: where it ends again
   */
  public record Loss(
      LossTokens tokens, @Nullable String responseTemplate, @Nullable String instructionTemplate) {}

  /**
   * The adapter's shape and the modules it is put on.
   *
   * @param targetModules names or suffixes of modules, or {@code all-linear}; empty for the model
   *     family's default
   * @param excludeModules names or suffixes of modules that get none
   * @param layers null for all
   * @param rankPattern ranks of single modules, by regular expressions
   * @param alphaPattern alphas of single modules, by regular expressions
   * @param bias biases that are trained, too
   * @param modulesToSave embed_tokens or lm_head, trained in full
   * @param initialAdapter null to start from a new adapter
   */
  public record Lora(
      int rank,
      int alpha,
      BigDecimal dropout,
      List<String> targetModules,
      List<String> excludeModules,
      @Nullable Layers layers,
      Map<String, Integer> rankPattern,
      Map<String, Integer> alphaPattern,
      Bias bias,
      LoraVariant variant,
      List<String> modulesToSave,
      @Nullable Source initialAdapter) {}

  /**
   * Some layers of a model.
   *
   * @param from the first one, counted from 0
   * @param to one past the last; null for all that follow
   */
  public record Layers(int from, @Nullable Integer to) {}

  /** Biases that are trained beside the adapters. */
  public enum Bias {
    None,
    /** Every bias of the model, those of norms included. */
    All,
    /** Those of the adapted modules. */
    LoraOnly
  }

  /** Forms of the low-rank update. */
  public enum LoraVariant {
    /** Scaled by alpha / rank. */
    Standard,
    /** Scaled by alpha / sqrt(rank). */
    RankStabilized,
    /** Magnitudes trained apart from directions; scaled by alpha / rank. */
    DoRA
  }

  /** How long to train. */
  public sealed interface Extent {
    /** Passes over the data; a fraction is allowed. */
    record Epochs(BigDecimal epochs) implements Extent {}

    /** Optimizer steps. */
    record MaxSteps(int maxSteps) implements Extent {}
  }

  /**
   * The optimization.
   *
   * @param batchSize rows of one forward and backward pass
   * @param gradientAccumulationSteps such passes of one optimizer step
   * @param gradientCheckpointing whether activations are recomputed in the backward pass
   * @param tf32 whether a GPU multiplies float32 matrices in TensorFloat-32
   * @param packing whether several rows share one of the sequences that batchSize counts
   * @param groupByLength whether batches are made of rows of like lengths
   * @param neftuneNoiseAlpha null for no noise on the embeddings
   * @param evaluateEverySteps null to evaluate at the end of every epoch
   * @param earlyStopping null to take all steps
   */
  public record Training(
      Extent extent,
      int batchSize,
      int gradientAccumulationSteps,
      BigDecimal learningRate,
      Schedule schedule,
      Optimizer optimizer,
      BigDecimal maxGradientNorm,
      boolean gradientCheckpointing,
      boolean tf32,
      Packing packing,
      boolean groupByLength,
      boolean shuffle,
      @Nullable BigDecimal neftuneNoiseAlpha,
      int seed,
      int logEverySteps,
      @Nullable Integer evaluateEverySteps,
      @Nullable EarlyStopping earlyStopping) {

    /** By this variable of the environment PyTorch takes TF32, if it is 1. */
    public static final String TF32_VARIABLE = "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE";
  }

  /**
   * The end of a run whose evaluation loss no longer falls.
   *
   * @param patience evaluations without a new best loss after which the run stops
   */
  public record EarlyStopping(int patience) {}

  /** Whether rows share a sequence. They never see each other. */
  public enum Packing {
    None,
    /** As many rows as fit into {@code dataset.maxLength} tokens. */
    Greedy
  }

  /** How the learning rate changes. */
  public enum ScheduleType {
    Constant,
    Linear,
    Cosine,
    ConstantWithWarmup
  }

  /** At most one of the two lengths of the warm-up is given. */
  public record Schedule(
      ScheduleType type, @Nullable BigDecimal warmupRatio, @Nullable Integer warmupSteps) {}

  /** AdamW's settings. */
  public record Optimizer(
      BigDecimal weightDecay, BigDecimal beta1, BigDecimal beta2, BigDecimal epsilon) {}

  /** When checkpoints are written and how many are kept. */
  public record Checkpointing(
      int everySteps,
      boolean everyEpoch,
      int keepLast,
      boolean onTermination,
      int terminationGracePeriodSeconds) {}

  /**
   * Where the results go.
   *
   * @param merge whether the base model with the adapter merged into it is one of them
   * @param pushToHub null to keep the adapter off the Hugging Face hub
   */
  public record Output(Source destination, boolean merge, @Nullable PushToHub pushToHub) {}

  /**
   * An upload of the adapter.
   *
   * @param target repository, token and endpoint
   * @param isPrivate whether a new repository is
   */
  public record PushToHub(Source.HuggingFace target, boolean isPrivate) {}

  /** Prompts that are answered before and after training. */
  public record Samples(List<String> prompts, int maxNewTokens) {}

  /**
   * Experiment trackers.
   *
   * @param tensorBoard whether events are written beside the results
   * @param mlflow null to report to no server
   */
  public record Tracking(boolean tensorBoard, @Nullable Mlflow mlflow) {}

  /**
   * An MLflow server.
   *
   * @param experiment null for {@code Default}
   */
  public record Mlflow(String trackingUri, @Nullable String experiment) {}
}
