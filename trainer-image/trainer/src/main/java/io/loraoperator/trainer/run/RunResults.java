package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.PeftConfig;
import io.loraoperator.contract.ExitCode;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.contract.Source;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.torch.Torch;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.Version;
import io.loraoperator.trainer.artifacts.ModelCard;
import io.loraoperator.trainer.artifacts.Provenance;
import io.loraoperator.trainer.artifacts.Sample;
import io.loraoperator.trainer.artifacts.TrainingLog;
import io.loraoperator.trainer.loop.BestEvaluation;
import io.loraoperator.trainer.prompt.ModelTemplates;
import io.loraoperator.trainer.storage.Storage;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What an attempt leaves: the results of a run, or the word that it goes on. */
final class RunResults {

  private final RunRequest request;
  private final FineTuneSpec spec;
  private final ProgressTracker progress;
  private final Clock clock;

  RunResults(RunRequest request, ProgressTracker progress, Clock clock) {
    this.request = request;
    this.spec = request.spec();
    this.progress = progress;
    this.clock = clock;
  }

  /** Writes and stores the results of a run that has come to its end. */
  RunOutcome publish(
      Storage storage,
      BaseModelFiles base,
      PreparedData data,
      FineTunableModel model,
      PeftConfig adapterConfig,
      TrainingLog log,
      List<Sample> samples,
      TrainingSession session,
      Map<String, String> pinned,
      Optional<AdapterPush> push) {
    Provenance provenance =
        new Provenance(
            baseModelName(spec),
            pinned,
            base.sha256(),
            data.train().counts().sha256(),
            request.identity().specHash(),
            request.identity().uid(),
            Version.current(),
            Torch.threads(),
            clock.instant());
    int totalSteps = data.plan().totalSteps();
    boolean early = session.step() < totalSteps;
    Publication publication = new Publication(request.work().resolve("results"));
    PeftAdapter adapter = new PeftAdapter(adapterConfig, model.adapter());
    publication.adapter(adapter, base.tokenizer(), chatTemplate(), spec.baseModel());
    if (spec.output().merge()) {
      publication.merged(base, adapter, chatTemplate());
    }
    publication.texts(
        log,
        samples,
        ModelCard.of(
            spec,
            model.resolvedTargets(),
            base.config(),
            data.train().counts(),
            provenance,
            session.step(),
            log.lastLoss(),
            evaluationLoss(session, log),
            samples));
    ResultDocument.Output stored = publication.store(storage, provenance);
    ResultDocument.Output output =
        push.map(hub -> stored.onHub(pushed(hub, publication, stored))).orElse(stored);
    return new RunOutcome(
        ExitCode.SUCCESS,
        new ResultDocument(
            ResultDocument.SCHEMA_VERSION,
            early ? Reason.StoppedEarly : Reason.Completed,
            "%s; the adapter is at %s%s"
                .formatted(
                    ending(session, totalSteps),
                    output.adapterUri(),
                    output.hubUri() == null ? "" : " and at " + output.hubUri()),
            null,
            data.train().counts().toResult(),
            output,
            base.sha256(),
            new ResultDocument.Effective(model.resolvedTargets(), totalSteps),
            log.lastLoss().isPresent() ? (Double) log.lastLoss().getAsDouble() : null,
            session.step(),
            Math.round(session.trainedSeconds())));
  }

  /** A push that fails takes nothing away: another attempt has nothing to do but to push. */
  private String pushed(AdapterPush push, Publication publication, ResultDocument.Output stored) {
    try {
      return push.push(publication.pushed(), baseModelName(spec));
    } catch (RunFailure e) {
      throw new RunFailure(
          e.reason(),
          "%s; the adapter itself is at %s".formatted(e.getMessage(), stored.adapterUri()),
          e.remedy(),
          e);
    }
  }

  /** What chats were written with, where that is not the model's own template. */
  private @Nullable String chatTemplate() {
    return spec.dataset().prompt() instanceof FineTuneSpec.Prompt.Messages chat
            && chat.chatTemplate() != null
        ? ModelTemplates.source(chat.chatTemplate())
        : null;
  }

  /** What the training came to, and which step's adapter is the result where it is not the last. */
  private String ending(TrainingSession session, int totalSteps) {
    FineTuneSpec.EarlyStopping stopping = spec.training().earlyStopping();
    BestEvaluation best = session.best().orElse(null);
    if (stopping == null || best == null) {
      return "trained %d steps".formatted(totalSteps);
    }
    String result =
        "the adapter is that of step %d, with the lowest evaluation loss of %.4f"
            .formatted(best.step(), best.loss());
    return session.step() < totalSteps
        ? "stopped after step %d of %d, as the evaluation loss did not fall %d times in a row; %s"
            .formatted(session.step(), totalSteps, stopping.patience(), result)
        : "trained %d steps; %s".formatted(totalSteps, result);
  }

  /** The evaluation loss of the adapter that is the result. */
  private OptionalDouble evaluationLoss(TrainingSession session, TrainingLog log) {
    return spec.training().earlyStopping() == null || session.best().isEmpty()
        ? log.lastEvaluationLoss()
        : OptionalDouble.of(session.best().get().loss());
  }

  /** An end that is none: another attempt goes on. */
  RunOutcome interrupted(int step) {
    return new RunOutcome(
        ExitCode.INTERRUPTED,
        new ResultDocument(
            ResultDocument.SCHEMA_VERSION,
            null,
            step == 0
                ? "interrupted before the first step"
                : "interrupted after step %d; %s".formatted(step, progress.newestCheckpoint()),
            null,
            null,
            null,
            null,
            null,
            null,
            step,
            null));
  }

  /** The base model as PEFT and people know it. */
  static String baseModelName(FineTuneSpec spec) {
    return switch (spec.baseModel().source()) {
      case Source.S3 s3 -> s3.uri();
      case Source.PersistentVolumeClaim claim ->
          "pvc://%s/%s".formatted(claim.claimName(), claim.path());
      case Source.ConfigMap map -> "configmap://%s/%s".formatted(map.name(), map.key());
      case Source.HuggingFace hub -> hub.repository();
      case Source.Image image -> image.reference();
      case Source.Local local -> local.path().toString();
    };
  }
}
