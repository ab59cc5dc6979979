package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.PeftConfig;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.FineTuneSpec.Bias;
import io.loraoperator.contract.PodPaths.Role;
import io.loraoperator.contract.ProgressSnapshot;
import io.loraoperator.contract.ProgressSnapshot.Phase;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.Source;
import io.loraoperator.model.AdamW;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.Torch;
import io.loraoperator.torch.TorchSettings;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.artifacts.Answers;
import io.loraoperator.trainer.artifacts.Sample;
import io.loraoperator.trainer.artifacts.TrainingLog;
import io.loraoperator.trainer.checkpoint.CheckpointStore;
import io.loraoperator.trainer.checkpoint.CheckpointUploads;
import io.loraoperator.trainer.loop.Evaluator;
import io.loraoperator.trainer.loop.Stepper;
import io.loraoperator.trainer.loop.StopSignal;
import io.loraoperator.trainer.mask.EncodedData;
import io.loraoperator.trainer.schedule.LearningRateSchedule;
import io.loraoperator.trainer.storage.Retry;
import io.loraoperator.trainer.storage.Storage;
import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.tracking.Tracker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A fine-tune from its specification to its results. */
public final class FineTuneRun {

  /** How long the end of a run waits for the last checkpoint; the results follow it anyway. */
  private static final Duration END_PATIENCE = Duration.ofMinutes(2);

  /** What the reporter and the end of the process take of the grace period. */
  private static final int RESERVED_SECONDS = 15;

  private final RunRequest request;
  private final FineTuneSpec spec;
  private final SourceFiles files;
  private final RunObserver observer;
  private final StopSignal stop;
  private final Surroundings surroundings;
  private final Clock clock;
  private final ProgressTracker progress;
  private final RunResults results;

  /** A run that has not begun. */
  public FineTuneRun(
      RunRequest request,
      Surroundings surroundings,
      RunObserver observer,
      StopSignal stop,
      Clock clock) {
    this.request = request;
    this.spec = request.spec();
    this.files = new SourceFiles(surroundings, request.work(), observer::note);
    this.surroundings = surroundings;
    this.observer = observer;
    this.stop = stop;
    this.clock = clock;
    this.progress = new ProgressTracker(request, observer, clock);
    this.results = new RunResults(request, progress, clock);
  }

  /**
   * Trains, or goes on with training.
   *
   * @return completed, or interrupted with everything stored
   * @throws RunFailure why it failed
   */
  public RunOutcome execute() {
    progress.phase(Phase.Loading);
    makeWorkFolder();
    Optional<AdapterPush> push = AdapterPush.of(spec, surroundings);
    push.ifPresent(AdapterPush::prepare);
    try (Storage storage = checkedDestination();
        BaseModelFiles base = files.open(spec.baseModel())) {
      stop.check();
      Architecture architecture = Architecture.of(base.config());
      LoraConfig lora =
          TargetModules.resolve(
              spec.lora(), base.newTokens(), spec.training().seed(), architecture);
      PreparedData data = PreparedData.of(spec, files, base, (text, row) -> {});
      data.requirePositions(architecture);
      describe(data);
      if (spec.lora().bias() != Bias.None && lora.trainedBiases(architecture).isEmpty()) {
        observer.warn(
            "spec.lora.bias %s trains nothing more: %s"
                .formatted(
                    spec.lora().bias(),
                    spec.lora().bias() == Bias.All
                        ? "the model has no bias"
                        : "the adapted modules have no bias"));
      }
      progress.totalSteps(data.plan().totalSteps());
      MemoryNeed.of(spec, architecture, lora, data, surroundings.memory()).require();
      stop.check();
      Torch.start(new TorchSettings(request.threads()));
      TensorFloat32.require(spec.training(), surroundings, Torch::has);
      try (FineTunableModel model =
          FineTunableModel.load(
              architecture,
              base.weights(),
              EngineSettings.precision(spec.baseModel()),
              EngineSettings.quantization(spec.baseModel()),
              lora)) {
        model.recomputeActivations(spec.training().gradientCheckpointing());
        if (spec.training().neftuneNoiseAlpha() != null) {
          model.embeddingNoise(spec.training().neftuneNoiseAlpha().doubleValue());
        }
        Source initial = spec.lora().initialAdapter();
        if (initial != null) {
          Path folder = files.adapter(initial);
          InitialAdapter.load(folder, model, base, lora, architecture);
          observer.note("starting from the adapter in " + folder);
        }
        PeftConfig adapterConfig =
            AdapterDescription.of(RunResults.baseModelName(spec), lora, architecture);
        try (AdamW optimizer = model.optimizer(EngineSettings.adamW(spec.training().optimizer()))) {
          return train(storage, base, data, model, optimizer, adapterConfig, push);
        }
      }
    } catch (StopSignal.Interruption e) {
      // Nothing had been learned yet.
      return results.interrupted(0);
    } catch (RuntimeException e) {
      throw files.asGiven(Failures.of(e));
    }
  }

  private RunOutcome train(
      Storage storage,
      BaseModelFiles base,
      PreparedData data,
      FineTunableModel model,
      AdamW optimizer,
      PeftConfig adapterConfig,
      Optional<AdapterPush> push) {
    RunLog log = RunLog.of(spec.tracking(), storage, request.work());
    try (Storage patient = destination(Retry.CHECKPOINTS);
        CheckpointUploads uploads =
            new CheckpointUploads(
                store(patient),
                patient.folder().isEmpty(),
                log.listener(progress, patient, observer));
        Tracker tracker = log.tracker(spec, storage, observer, clock)) {
      TrainingSession session =
          new TrainingSession(
              parts(base, data, model, optimizer, adapterConfig, log.lines(), uploads),
              progress,
              stop,
              System::nanoTime,
              clock);
      try {
        resume(store(storage), session);
        tracker.start(request.attempt() > 1 || session.step() > 0);
        List<Sample> samples = trainAndAnswer(session, model, base);
        progress.phase(Phase.Uploading);
        if (push.isPresent()) {
          // Should the push fail, the attempt that repeats it has nothing to train.
          session.checkpoint();
        }
        if (!uploads.flush(END_PATIENCE)) {
          observer.warn("the last checkpoint could not be stored within " + END_PATIENCE);
        }
        describe(session);
        RunOutcome outcome =
            results.publish(
                storage,
                base,
                data,
                model,
                adapterConfig,
                log.lines(),
                samples,
                session,
                files.pinned(),
                push);
        tracker.end(Tracker.Ending.FINISHED);
        progress.phase(Phase.Finished);
        return outcome;
      } catch (StopSignal.Interruption e) {
        if (spec.checkpoint().onTermination()) {
          progress.phase(Phase.Uploading);
          session.checkpoint();
          uploads.flush(terminationPatience());
        }
        describe(session);
        tracker.end(Tracker.Ending.KILLED);
        return results.interrupted(session.step());
      } catch (RunFailure e) {
        throw e.reason() == Reason.LossDiverged ? diverged(e, uploads) : e;
      }
    } catch (StorageException e) {
      throw StorageFailures.of(e, Role.OUTPUT);
    }
  }

  private CheckpointStore store(Storage storage) {
    return new CheckpointStore(storage, request.identity(), request.work(), clock, observer::warn);
  }

  private List<Sample> trainAndAnswer(
      TrainingSession session, FineTunableModel model, BaseModelFiles base) {
    List<String> prompts = spec.samples().prompts();
    Answers answers =
        new Answers(model, base, spec.dataset().prompt(), spec.samples().maxNewTokens(), stop);
    if (session.answersBefore().size() < prompts.size()) {
      progress.phase(Phase.Sampling);
      session.answersBefore(answers.answer(prompts));
    }
    session.run();
    List<Sample> samples = new ArrayList<>();
    if (!prompts.isEmpty()) {
      progress.phase(Phase.Sampling);
      List<String> after = answers.answer(prompts);
      for (int i = 0; i < prompts.size(); i++) {
        samples.add(new Sample(prompts.get(i), session.answersBefore().get(i), after.get(i)));
      }
    }
    return samples;
  }

  private void resume(CheckpointStore store, TrainingSession session) {
    CheckpointStore.Search search = store.newest();
    search
        .newest()
        .ifPresent(found -> {
          session.restore(found);
          observer.note(
              "resuming after step %d from %s".formatted(session.step(), found.reference().uri()));
        });
    if (request.attempt() > 1 || search.newest().isPresent() || !search.passedOver().isEmpty()) {
      progress.resumption(
          new ProgressSnapshot.Resumption(
              session.step(),
              search.newest().map(found -> found.reference().uri()).orElse(null),
              search.passedOver()));
    }
  }

  /** The part of the grace period that is left for storing, with some seconds for the rest. */
  private Duration terminationPatience() {
    return Duration.ofSeconds(
        Math.max(5, spec.checkpoint().terminationGracePeriodSeconds() - RESERVED_SECONDS));
  }

  private RunFailure diverged(RunFailure e, CheckpointUploads uploads) {
    if (!uploads.flush(END_PATIENCE)) {
      observer.warn("the last good checkpoint could not be stored within " + END_PATIENCE);
    }
    return new RunFailure(
        e.reason(), "%s; %s".formatted(e.getMessage(), progress.newestCheckpoint()), e.remedy(), e);
  }

  private void describe(TrainingSession session) {
    double trained = progress.secondsOfAttempt();
    if (trained > 0) {
      observer.note(
          "steps took %.1f s and waited %.2f s for checkpoints (%.1f %%)"
              .formatted(
                  trained, session.stalledSeconds(), 100 * session.stalledSeconds() / trained));
    }
  }

  private TrainingSession.Parts parts(
      BaseModelFiles base,
      PreparedData data,
      FineTunableModel model,
      AdamW optimizer,
      PeftConfig adapterConfig,
      TrainingLog log,
      CheckpointUploads uploads) {
    Stepper stepper =
        new Stepper(
            model,
            optimizer,
            rows(data.train()),
            data.plan(),
            new LearningRateSchedule(
                spec.training().schedule(),
                spec.training().learningRate(),
                data.plan().totalSteps()),
            spec.training());
    Evaluator evaluator =
        data.evaluation() == null
            ? null
            : new Evaluator(model, rows(data.evaluation()), spec.training().batchSize(), stop);
    return new TrainingSession.Parts(
        spec,
        model,
        optimizer,
        adapterConfig,
        data.plan(),
        stepper,
        evaluator,
        log,
        uploads,
        data.train().counts().sha256(),
        base.sha256());
  }

  private Storage destination(Retry retry) {
    return files.destination(spec.output().destination(), request.prefix(), retry);
  }

  private Storage checkedDestination() {
    try {
      Storage storage = destination(Retry.WRITING);
      // Wrong keys and buckets are told before anything is loaded.
      var _ = storage.list("checkpoints/");
      return storage;
    } catch (StorageException e) {
      throw StorageFailures.of(e, Role.OUTPUT);
    }
  }

  private void makeWorkFolder() {
    try {
      Files.createDirectories(request.work().resolve("results"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void describe(PreparedData data) {
    var counts = data.train().counts();
    observer.note(
        "%,d rows, %,d tokens to learn, %,d masked; %,d steps"
            .formatted(
                counts.usedRows(),
                counts.trainedTokens(),
                counts.maskedTokens(),
                data.plan().totalSteps()));
    data.warnings().forEach(observer::warn);
  }

  private static List<Row> rows(EncodedData data) {
    return data.rows().stream().map(row -> new Row(row.ids(), row.trained())).toList();
  }
}
