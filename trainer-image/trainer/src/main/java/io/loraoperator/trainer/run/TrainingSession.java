package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.PeftConfig;
import io.loraoperator.checkpoint.TrainingCheckpoint;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.ProgressSnapshot.Phase;
import io.loraoperator.contract.Reason;
import io.loraoperator.model.AdamW;
import io.loraoperator.model.Evaluation;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.artifacts.LogEntry;
import io.loraoperator.trainer.artifacts.TrainingLog;
import io.loraoperator.trainer.batch.StepPlan;
import io.loraoperator.trainer.checkpoint.CheckpointState;
import io.loraoperator.trainer.checkpoint.CheckpointStore;
import io.loraoperator.trainer.checkpoint.CheckpointUploads;
import io.loraoperator.trainer.checkpoint.Snapshot;
import io.loraoperator.trainer.loop.BestEvaluation;
import io.loraoperator.trainer.loop.Evaluator;
import io.loraoperator.trainer.loop.RunningMeans;
import io.loraoperator.trainer.loop.StepResult;
import io.loraoperator.trainer.loop.Stepper;
import io.loraoperator.trainer.loop.StopSignal;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
      CheckpointUploads uploads,
      String datasetSha256,
      String baseModelSha256) {}

  private final Parts parts;
  private final ProgressTracker progress;
  private final StopSignal stop;
  private final LongSupplier nanoTime;
  private final Clock clock;

  private int step;
  private int snapshotStep;
  private RunningMeans means = RunningMeans.ZERO;
  private double trainedSeconds;
  private double stalledSeconds;
  private double secondsSinceLog;
  private long tokensSinceLog;
  private @Nullable BestEvaluation best;
  private Map<String, HostTensor> bestAdapter = Map.of();
  private @Nullable Map<String, HostTensor> lastAdapter;
  private int evaluatedStep = -1;
  private @Nullable LogEntry pending;
  private List<String> answersBefore = List.of();

  TrainingSession(
      Parts parts, ProgressTracker progress, StopSignal stop, LongSupplier nanoTime, Clock clock) {
    this.parts = parts;
    this.progress = progress;
    this.stop = stop;
    this.nanoTime = nanoTime;
    this.clock = clock;
  }

  /** Puts everything back to what a checkpoint holds. */
  void restore(CheckpointStore.Found found) {
    CheckpointState state = found.state();
    state.checkInputs(
        parts.datasetSha256(),
        parts.baseModelSha256(),
        parts.plan().positionAfter(state.step()),
        parts.stepper().learningRate(state.step() + 1));
    parts.model().loadAdapter(found.tensors().adapter().tensors());
    parts.optimizer().loadState(found.tensors().optimizer());
    parts.log().restore(state.log());
    step = state.step();
    snapshotStep = step;
    means = state.means();
    trainedSeconds = state.trainedSeconds();
    best = state.best();
    bestAdapter = bestAdapter(found.tensors());
    evaluatedStep = state.evaluatedStep();
    pending = state.pending();
    answersBefore = state.answersBefore();
    progress.resumed(step, parts.plan().epochAfter(step), means, parts.log(), found.reference());
  }

  private Map<String, HostTensor> bestAdapter(TrainingCheckpoint from) {
    if (best == null || patience().isEmpty()) {
      return Map.of();
    }
    return best.step() == step ? from.adapter().tensors() : from.best();
  }

  int step() {
    return step;
  }

  double trainedSeconds() {
    return trainedSeconds;
  }

  /** How long this attempt's steps waited for checkpoints to be taken. */
  double stalledSeconds() {
    return stalledSeconds;
  }

  Optional<BestEvaluation> best() {
    return Optional.ofNullable(best);
  }

  List<String> answersBefore() {
    return answersBefore;
  }

  void answersBefore(List<String> answers) {
    answersBefore = answers;
  }

  /** Whether the evaluation loss has not fallen for as long as the specification bears. */
  boolean stopsEarly() {
    BestEvaluation measured = best;
    return measured != null
        && patience().filter(patience -> measured.evaluationsSince() >= patience).isPresent();
  }

  private Optional<Integer> patience() {
    return Optional.ofNullable(parts.spec().training().earlyStopping())
        .map(FineTuneSpec.EarlyStopping::patience);
  }

  /**
   * Takes the steps that are left. With early stopping the model is then the one that evaluated
   * best.
   *
   * @throws StopSignal.Interruption if told to stop
   */
  void run() {
    int total = parts.plan().totalSteps();
    // Also what an interruption kept from being measured.
    if (evaluationDue(step) && evaluatedStep < step) {
      evaluate();
    }
    progress.phase(Phase.Training);
    while (step < total && !stopsEarly()) {
      stop.check();
      parts.uploads().check();
      long start = nanoTime.getAsLong();
      StepResult result = parts.stepper().step(step + 1);
      double seconds = secondsSince(start);
      step = result.step();
      trainedSeconds += seconds;
      secondsSinceLog += seconds;
      tokensSinceLog += result.tokens();
      means = means.plus(result);
      progress.step(result, parts.plan().epochAfter(step), means, seconds);
      finishStep(result, step == total);
    }
    if (best != null && best.step() != step && !bestAdapter.isEmpty()) {
      // A checkpoint that is still to come is of the last step all the same.
      lastAdapter = parts.model().adapter();
      parts.model().loadAdapter(bestAdapter);
    }
  }

  private void finishStep(StepResult result, boolean last) {
    FineTuneSpec.Training training = parts.spec().training();
    // The first step is logged, too: whoever waits wants to see that it goes.
    boolean logs = step == 1 || last || step % training.logEverySteps() == 0;
    LogEntry entry = logs ? entry(result) : null;
    if (entry != null) {
      progress.loss(means.loss());
      means = means.logged();
      secondsSinceLog = 0;
      tokensSinceLog = 0;
    }
    boolean improved = false;
    if (evaluationDue(step)) {
      // Kept apart until the evaluation is done: an interrupted one is made up for.
      pending = entry;
      evaluate();
      improved = best != null && best.step() == step;
      progress.phase(Phase.Training);
    } else if (entry != null) {
      parts.log().add(entry);
    }
    if (checkpointDue() || (improved && !last && keepsCheckpoints())) {
      checkpoint();
    }
  }

  private boolean evaluationDue(int atStep) {
    Integer every = parts.spec().training().evaluateEverySteps();
    return parts.evaluator() != null
        && (atStep == 0
            || atStep == parts.plan().totalSteps()
            || (every == null ? parts.plan().endsEpoch(atStep) : atStep % every == 0));
  }

  private boolean checkpointDue() {
    FineTuneSpec.Checkpointing settings = parts.spec().checkpoint();
    return (settings.everySteps() > 0 && step % settings.everySteps() == 0)
        || (settings.everyEpoch() && parts.plan().endsEpoch(step));
  }

  private boolean keepsCheckpoints() {
    FineTuneSpec.Checkpointing settings = parts.spec().checkpoint();
    return settings.everySteps() > 0 || settings.everyEpoch();
  }

  private LogEntry entry(StepResult result) {
    return new LogEntry(
        now(),
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

  /** Measures, and logs it together with the step's entry if there is one. */
  private void evaluate() {
    if (parts.evaluator() == null) {
      return;
    }
    progress.phase(Phase.Evaluating);
    Evaluation measured = parts.evaluator().evaluate();
    double loss = measured.lossSum() / measured.trainedTokens();
    if (!Double.isFinite(loss)) {
      throw new RunFailure(
          Reason.LossDiverged, "the evaluation loss after step %d is %s".formatted(step, loss));
    }
    LogEntry entry = pending;
    parts
        .log()
        .add(
            new LogEntry(
                now(),
                step,
                parts.plan().epochAfter(step),
                entry == null ? null : entry.loss(),
                entry == null ? null : entry.learningRate(),
                entry == null ? null : entry.gradNorm(),
                means.tokensSeen(),
                entry == null ? null : entry.tokensPerSecond(),
                loss,
                (double) measured.correctTokens() / measured.trainedTokens()));
    pending = null;
    evaluatedStep = step;
    if (step > 0) {
      best = BestEvaluation.after(best, step, loss);
      if (best.step() == step && patience().isPresent()) {
        bestAdapter = parts.model().adapter();
      }
    }
    progress.evaluation(loss);
  }

  /** Takes a checkpoint of this step if there is none yet, and hands it over to be stored. */
  void checkpoint() {
    if (step == snapshotStep) {
      return;
    }
    long start = nanoTime.getAsLong();
    parts
        .uploads()
        .submit(
            new Snapshot(
                step,
                content(),
                parts.spec().checkpoint().keepLast(),
                best == null ? 0 : best.step()));
    snapshotStep = step;
    stalledSeconds += secondsSince(start);
  }

  private TrainingCheckpoint content() {
    CheckpointState state =
        new CheckpointState(
            step,
            parts.plan().positionAfter(step),
            parts.stepper().learningRate(step + 1),
            means,
            trainedSeconds,
            parts.datasetSha256(),
            parts.baseModelSha256(),
            best,
            evaluatedStep,
            pending,
            parts.log().entries(),
            answersBefore);
    return new TrainingCheckpoint(
        new PeftAdapter(
            parts.adapterConfig(), lastAdapter == null ? parts.model().adapter() : lastAdapter),
        parts.optimizer().state(),
        best == null || best.step() == step ? Map.of() : bestAdapter,
        state.toTree());
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private double secondsSince(long start) {
    return (nanoTime.getAsLong() - start) / NANOS_PER_SECOND;
  }
}
