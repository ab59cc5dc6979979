package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.PeftConfig;
import io.loraoperator.contract.ExitCode;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.contract.PodPaths.Role;
import io.loraoperator.contract.ProgressSnapshot.Phase;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.contract.Source;
import io.loraoperator.model.AdamW;
import io.loraoperator.model.AdamWConfig;
import io.loraoperator.model.Architecture;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.Precision;
import io.loraoperator.model.UnsupportedModelException;
import io.loraoperator.torch.Torch;
import io.loraoperator.torch.TorchSettings;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.Version;
import io.loraoperator.trainer.artifacts.Answers;
import io.loraoperator.trainer.artifacts.ModelCard;
import io.loraoperator.trainer.artifacts.Provenance;
import io.loraoperator.trainer.artifacts.Sample;
import io.loraoperator.trainer.artifacts.TrainingLog;
import io.loraoperator.trainer.checkpoint.CheckpointStore;
import io.loraoperator.trainer.loop.Evaluator;
import io.loraoperator.trainer.loop.Stepper;
import io.loraoperator.trainer.loop.StopSignal;
import io.loraoperator.trainer.mask.EncodedData;
import io.loraoperator.trainer.schedule.LearningRateSchedule;
import io.loraoperator.trainer.storage.Storage;
import io.loraoperator.trainer.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** A fine-tune from its specification to its results. */
public final class FineTuneRun {

  private final RunRequest request;
  private final FineTuneSpec spec;
  private final SourceFiles files;
  private final RunObserver observer;
  private final StopSignal stop;
  private final Clock clock;
  private final ProgressTracker progress;

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
    this.observer = observer;
    this.stop = stop;
    this.clock = clock;
    this.progress = new ProgressTracker(request, observer, clock);
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
    try (Storage storage = destination();
        BaseModelFiles base = BaseModelFiles.open(files.model(spec.baseModel().source()))) {
      stop.check();
      Architecture architecture = Architecture.of(base.config());
      LoraConfig lora = TargetModules.resolve(spec.lora(), spec.training().seed(), architecture);
      PreparedData data = PreparedData.of(spec, files, base, (text, row) -> {});
      describe(data);
      progress.totalSteps(data.plan().totalSteps());
      stop.check();
      Torch.start(new TorchSettings(request.threads()));
      try (FineTunableModel model =
          FineTunableModel.load(architecture, base.weights(), precision(), lora)) {
        model.recomputeActivations(spec.training().gradientCheckpointing());
        PeftConfig adapterConfig = startAdapter(model, lora);
        try (AdamW optimizer = model.optimizer(adamW())) {
          return train(storage, base, data, model, optimizer, adapterConfig);
        }
      }
    } catch (StopSignal.Interruption e) {
      // Nothing had been learned yet.
      return interrupted(0);
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
      PeftConfig adapterConfig) {
    TrainingLog log = new TrainingLog(request.work().resolve(TrainingLog.FILE));
    CheckpointStore store =
        new CheckpointStore(storage, request.identity(), request.work(), clock, observer::warn);
    TrainingSession session =
        new TrainingSession(
            parts(base, data, model, optimizer, adapterConfig, log, store),
            progress,
            observer,
            stop,
            System::nanoTime);
    try {
      newest(store, session);
      List<String> prompts = spec.samples().prompts();
      Answers answers = new Answers(model, base.tokenizer(), spec.samples().maxNewTokens(), stop);
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
      progress.phase(Phase.Uploading);
      RunOutcome outcome =
          publish(storage, base, data, model, adapterConfig, log, samples, session);
      progress.phase(Phase.Finished);
      return outcome;
    } catch (StopSignal.Interruption e) {
      if (spec.checkpoint().onTermination()) {
        progress.phase(Phase.Uploading);
        session.commit();
      }
      return interrupted(session.step());
    }
  }

  private void newest(CheckpointStore store, TrainingSession session) {
    try {
      store.newest().ifPresent(session::restore);
    } catch (StorageException e) {
      throw StorageFailures.of(e, Role.OUTPUT);
    }
  }

  private TrainingSession.Parts parts(
      BaseModelFiles base,
      PreparedData data,
      FineTunableModel model,
      AdamW optimizer,
      PeftConfig adapterConfig,
      TrainingLog log,
      CheckpointStore store) {
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
        store,
        data.train().counts().sha256(),
        base.sha256());
  }

  private RunOutcome publish(
      Storage storage,
      BaseModelFiles base,
      PreparedData data,
      FineTunableModel model,
      PeftConfig adapterConfig,
      TrainingLog log,
      List<Sample> samples,
      TrainingSession session) {
    Provenance provenance =
        new Provenance(
            baseModelName(),
            base.sha256(),
            data.train().counts().sha256(),
            request.identity().specHash(),
            request.identity().uid(),
            Version.current(),
            Torch.threads(),
            clock.instant());
    int totalSteps = data.plan().totalSteps();
    Publication publication = new Publication(request.work().resolve("results"));
    publication.adapter(adapterConfig, model.adapter(), base.tokenizer());
    publication.texts(
        log,
        samples,
        ModelCard.of(
            spec,
            model.resolvedTargets(),
            data.train().counts(),
            provenance,
            totalSteps,
            log.lastLoss(),
            log.lastEvaluationLoss(),
            samples));
    ResultDocument.Output output;
    try {
      output = publication.store(storage, provenance);
    } catch (StorageException e) {
      throw StorageFailures.of(e, Role.OUTPUT);
    }
    return new RunOutcome(
        ExitCode.SUCCESS,
        new ResultDocument(
            ResultDocument.SCHEMA_VERSION,
            Reason.Completed,
            "trained %d steps; the adapter is at %s".formatted(totalSteps, output.adapterUri()),
            null,
            data.train().counts().toResult(),
            output,
            base.sha256(),
            new ResultDocument.Effective(model.resolvedTargets(), totalSteps),
            log.lastLoss().isPresent() ? (Double) log.lastLoss().getAsDouble() : null,
            session.step(),
            Math.round(session.trainedSeconds())));
  }

  private static RunOutcome interrupted(int step) {
    return new RunOutcome(
        ExitCode.INTERRUPTED,
        new ResultDocument(
            ResultDocument.SCHEMA_VERSION,
            null,
            "interrupted after step %d; the run goes on from its newest checkpoint".formatted(step),
            null,
            null,
            null,
            null,
            null,
            null,
            step,
            null));
  }

  private Storage destination() {
    try {
      Storage storage = files.destination(spec.output().destination(), request.prefix());
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

  private PeftConfig startAdapter(FineTunableModel model, LoraConfig lora) {
    Source initial = spec.lora().initialAdapter();
    if (initial != null) {
      Path folder = files.adapter(initial);
      try {
        model.loadAdapter(PeftAdapter.read(folder).tensors());
      } catch (UnsupportedModelException e) {
        throw new InvalidSpecException(
            "spec.lora.initialAdapter",
            String.valueOf(e.getMessage()),
            "set spec.lora.rank and targetModules as the adapter_config.json there says");
      }
      observer.note("starting from the adapter in " + folder);
    }
    return new PeftConfig(
        baseModelName(), lora.rank(), lora.alpha(), lora.dropout(), model.resolvedTargets(), false);
  }

  private AdamWConfig adamW() {
    FineTuneSpec.Optimizer settings = spec.training().optimizer();
    return new AdamWConfig(
        settings.beta1().doubleValue(),
        settings.beta2().doubleValue(),
        settings.epsilon().doubleValue(),
        settings.weightDecay().doubleValue());
  }

  private Precision precision() {
    return switch (spec.baseModel().precision()) {
      case Float32 -> Precision.FLOAT32;
      case BFloat16 -> Precision.BFLOAT16;
    };
  }

  private String baseModelName() {
    return switch (spec.baseModel().source()) {
      case Source.S3 s3 -> s3.uri();
      case Source.PersistentVolumeClaim claim ->
          "pvc://%s/%s".formatted(claim.claimName(), claim.path());
      case Source.ConfigMap map -> "configmap://%s/%s".formatted(map.name(), map.key());
      case Source.Local local -> local.path().toString();
    };
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
