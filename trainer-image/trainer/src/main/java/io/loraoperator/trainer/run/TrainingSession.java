package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.PeftConfig;
import io.loraoperator.checkpoint.TrainingCheckpoint;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.ProgressSnapshot.Phase;
import io.loraoperator.model.AdamW;
import io.loraoperator.model.Evaluation;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.trainer.artifacts.LogEntry;
import io.loraoperator.trainer.artifacts.TrainingLog;
import io.loraoperator.trainer.batch.StepPlan;
import io.loraoperator.trainer.checkpoint.CheckpointState;
import io.loraoperator.trainer.checkpoint.CheckpointStore;
import io.loraoperator.trainer.loop.Evaluator;
import io.loraoperator.trainer.loop.RunningMeans;
import io.loraoperator.trainer.loop.StepResult;
import io.loraoperator.trainer.loop.Stepper;
import io.loraoperator.trainer.loop.StopSignal;
import io.loraoperator.trainer.storage.StorageException;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The steps of a run with what happens between them: logging, evaluation, checkpoints. */
final class TrainingSession {

  private static final double NANOS_PER_SECOND = 1e9;

  /** What a session works on. */
  record Parts(
      FineTuneSpec spec,
      FineTunableModel model,
      AdamW optimizer,
      PeftConfig adapterConfig,
      StepPlan plan,
      Stepper stepper,
      @Nullable Evaluator evaluator,
      TrainingLog log,
      CheckpointStore store,
      String datasetSha256,
      String baseModelSha256) {}

  private final Parts parts;
  private final ProgressTracker progress;
  private final RunObserver observer;
  private final StopSignal stop;
  private final LongSupplier nanoTime;

  private int step;
  private int committedStep;
  private RunningMeans means = RunningMeans.ZERO;
  private double trainedSeconds;
  private double secondsSinceLog;
  private long tokensSinceLog;
  private List<String> answersBefore = List.of();

  TrainingSession(
      Parts parts,
      ProgressTracker progress,
      RunObserver observer,
      StopSignal stop,
      LongSupplier nanoTime) {
    this.parts = parts;
    this.progress = progress;
    this.observer = observer;
    this.stop = stop;
    this.nanoTime = nanoTime;
  }

  /** Puts everything back to what a checkpoint holds. */
  void restore(CheckpointStore.Found found) {
    CheckpointState state = found.state();
    state.checkInputs(parts.datasetSha256(), parts.baseModelSha256());
    parts.model().loadAdapter(found.tensors().adapter().tensors());
    parts.optimizer().loadState(found.tensors().optimizer());
    parts.log().restore(state.log());
    step = state.step();
    committedStep = step;
    means = state.means();
    trainedSeconds = state.trainedSeconds();
    answersBefore = state.answersBefore();
    progress.resumed(step, means, parts.log().lastLoss(), found.reference());
    observer.note("resuming after step %d from %s".formatted(step, found.reference().uri()));
  }

  int step() {
    return step;
  }

  double trainedSeconds() {
    return trainedSeconds;
  }

  List<String> answersBefore() {
    return answersBefore;
  }

  void answersBefore(List<String> answers) {
    answersBefore = answers;
  }

  /**
   * Takes the steps that are left.
   *
   * @throws StopSignal.Interruption if told to stop
   */
  void run() {
    int total = parts.plan().totalSteps();
    if (step == 0) {
      evaluate(null);
    }
    progress.phase(Phase.Training);
    while (step < total) {
      stop.check();
      long start = nanoTime.getAsLong();
      StepResult result = parts.stepper().step(step + 1);
      double seconds = (nanoTime.getAsLong() - start) / NANOS_PER_SECOND;
      step = result.step();
      trainedSeconds += seconds;
      secondsSinceLog += seconds;
      tokensSinceLog += result.tokens();
      means = means.plus(result);
      progress.step(result, parts.plan().epochAfter(step), means, seconds);
      finishStep(result, step == total);
    }
  }

  private void finishStep(StepResult result, boolean last) {
    FineTuneSpec.Training training = parts.spec().training();
    // The first step is logged, too: whoever waits wants to see that it goes.
    boolean logs = step == 1 || last || step % training.logEverySteps() == 0;
    Integer every = training.evaluateEverySteps();
    boolean evaluates = last || (every == null ? parts.plan().endsEpoch(step) : step % every == 0);
    LogEntry entry = logs ? entry(result) : null;
    if (entry != null) {
      progress.loss(means.loss());
      means = means.logged();
      secondsSinceLog = 0;
      tokensSinceLog = 0;
    }
    if (evaluates && parts.evaluator() != null) {
      evaluate(entry);
      progress.phase(Phase.Training);
    } else if (entry != null) {
      parts.log().add(entry);
    }
    FineTuneSpec.Checkpointing settings = parts.spec().checkpoint();
    boolean due =
        (settings.everySteps() > 0 && step % settings.everySteps() == 0)
            || (settings.everyEpoch() && parts.plan().endsEpoch(step));
    if (due) {
      commit();
    }
  }

  private LogEntry entry(StepResult result) {
    return new LogEntry(
        step,
        parts.plan().epochAfter(step),
        means.loss(),
        result.learningRate(),
        result.gradientNorm(),
        means.tokensSeen(),
        secondsSinceLog > 0 ? tokensSinceLog / secondsSinceLog : null,
        null,
        null);
  }

  /** Measures, and logs it together with a step's entry if there is one. */
  private void evaluate(@Nullable LogEntry entry) {
    if (parts.evaluator() == null) {
      return;
    }
    progress.phase(Phase.Evaluating);
    Evaluation measured;
    try {
      measured = parts.evaluator().evaluate();
    } catch (StopSignal.Interruption e) {
      // The step's own line must not be lost with the evaluation.
      if (entry != null) {
        parts.log().add(entry);
      }
      throw e;
    }
    double loss = measured.lossSum() / measured.trainedTokens();
    double accuracy = (double) measured.correctTokens() / measured.trainedTokens();
    parts
        .log()
        .add(
            new LogEntry(
                step,
                parts.plan().epochAfter(step),
                entry == null ? null : entry.loss(),
                entry == null ? null : entry.learningRate(),
                entry == null ? null : entry.gradNorm(),
                means.tokensSeen(),
                entry == null ? null : entry.tokensPerSecond(),
                loss,
                accuracy));
    progress.evaluation(loss);
  }

  /** Stores a checkpoint of this step if there is none yet. Storage that is away does not stop. */
  void commit() {
    if (step == committedStep) {
      return;
    }
    try {
      progress.checkpoint(
          parts.store().commit(checkpoint(), step, parts.spec().checkpoint().keepLast()));
      committedStep = step;
    } catch (StorageException e) {
      if (e.kind() != StorageException.Kind.UNAVAILABLE) {
        throw e;
      }
      observer.warn(
          "the checkpoint of step %d could not be stored, training goes on: %s"
              .formatted(step, e.getMessage()));
    }
  }

  /** Whether everything that was learned is stored. */
  boolean committed() {
    return step == committedStep;
  }

  private TrainingCheckpoint checkpoint() {
    CheckpointState state =
        new CheckpointState(
            step,
            means,
            trainedSeconds,
            parts.datasetSha256(),
            parts.baseModelSha256(),
            parts.log().entries(),
            answersBefore);
    return new TrainingCheckpoint(
        new PeftAdapter(parts.adapterConfig(), parts.model().adapter()),
        parts.optimizer().state(),
        state.toTree());
  }
}
