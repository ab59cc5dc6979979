package io.loraoperator.trainer.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.contract.AttemptDocument;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.ExitCode;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.contract.PodPaths;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.contract.RunDocument;
import io.loraoperator.contract.Source;
import io.loraoperator.contract.SpecReader;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.checkpoint.RunIdentity;
import io.loraoperator.trainer.loop.StopSignal;
import io.loraoperator.trainer.run.Failures;
import io.loraoperator.trainer.run.FineTuneRun;
import io.loraoperator.trainer.run.RunOutcome;
import io.loraoperator.trainer.run.RunRequest;
import io.loraoperator.trainer.run.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lora-trainer train}. */
@Command(
    name = "train",
    description = "Fine-tune a model as a LoraFineTune manifest says.",
    mixinStandardHelpOptions = true,
    versionProvider = CommandLines.VersionProvider.class)
final class TrainCommand implements Callable<Integer> {

  /** Where the run is described. */
  static final class What {
    @Parameters(paramLabel = "MANIFEST", description = "LoraFineTune manifest, YAML or JSON.")
    @Nullable Path manifest;

    @Option(
        names = "--run-directory",
        paramLabel = "DIR",
        description = "Folder with run.json and attempt.json, as the operator mounts it in a Pod.")
    @Nullable Path runDirectory;
  }

  @ArgGroup(exclusive = true, multiplicity = "1")
  What what = new What();

  @Mixin SourceOptions sources = new SourceOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Option(
      names = "--workdir",
      paramLabel = "DIR",
      description = "Folder for downloads and for files in the making.")
  @Nullable Path workdir;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute with (default: all processors).")
  @Nullable Integer threads;

  @Option(names = "--pod-root", hidden = true, description = "Where the Pod's paths begin.")
  Path podRoot = Path.of("/");

  private final Shell shell;
  private final Termination termination;

  TrainCommand(Shell shell, Termination termination) {
    this.shell = shell;
    this.termination = termination;
  }

  @Override
  public Integer call() {
    boolean pod = what.runDirectory != null;
    Console console = new Console(shell.err(), shell.terminal() && !pod, shell.clock());
    Surroundings surroundings =
        new Surroundings(shell.variables(), shell.memory(), pod ? podRoot : null);
    RunOutcome outcome;
    StopSignal stop = termination.signal();
    try {
      RunRequest request = pod ? ofRunDirectory(surroundings) : ofManifest();
      termination.gracePeriod(request.spec().checkpoint().terminationGracePeriodSeconds());
      outcome = new FineTuneRun(request, surroundings, console, stop, shell.clock()).execute();
    } catch (RuntimeException | OutOfMemoryError e) {
      RunFailure failure = Failures.of(e);
      console.failure(failure, common.debug || (failure.reason() == Reason.InternalError && pod));
      outcome =
          new RunOutcome(
              ExitCode.of(failure.reason()),
              ResultDocument.failure(
                  failure.reason(), String.valueOf(failure.getMessage()), failure.remedy()));
    }
    report(outcome, surroundings, console);
    return outcome.code().code();
  }

  private void report(RunOutcome outcome, Surroundings surroundings, Console console) {
    String json = outcome.document().toJson();
    if (outcome.document().reason() == null || outcome.code() == ExitCode.SUCCESS) {
      console.note(outcome.document().message());
    }
    if (common.json) {
      shell.out().println(json);
    }
    if (surroundings.inPod()) {
      write(surroundings.inPod(PodPaths.WORK_DIRECTORY).resolve("result.json"), json, console);
      write(surroundings.inPod(PodPaths.TERMINATION_MESSAGE), json, console);
    }
  }

  /** The termination message is a file that the kubelet made: it is written to, not replaced. */
  private static void write(Path file, String json, Console console) {
    try {
      Files.writeString(
          file,
          json,
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          StandardOpenOption.TRUNCATE_EXISTING);
    } catch (IOException e) {
      console.warn("the result cannot be written to %s: %s".formatted(file, e.getMessage()));
    }
  }

  private RunRequest ofManifest() {
    JsonNode tree = ManifestFile.readSpec(Objects.requireNonNull(what.manifest));
    FineTuneSpec spec = SpecReader.read(tree, sources.replacements());
    int computing = threads == null ? shell.processors() : threads;
    RunDocument document = RunDocument.of(tree, computing);
    return new RunRequest(
        spec,
        new RunIdentity(RunIdentity.LOCAL, document.specHash()),
        1,
        1,
        "",
        computing,
        workdir == null ? usualWorkdir(spec) : workdir,
        null);
  }

  /** Beside the results where those are on this machine: there is room for large files. */
  private static Path usualWorkdir(FineTuneSpec spec) {
    return spec.output().destination() instanceof Source.Local local
        ? local.path().resolve(".work")
        : Path.of(".lora-trainer");
  }

  private RunRequest ofRunDirectory(Surroundings surroundings) {
    RunDocument run = RunDocument.parse(read(PodPaths.RUN_FILE));
    AttemptDocument attempt = AttemptDocument.parse(read(PodPaths.ATTEMPT_FILE));
    FineTuneSpec spec =
        SpecReader.read(SpecReader.merge(run.spec(), attempt.spec()), sources.replacements());
    return new RunRequest(
        spec,
        new RunIdentity(attempt.uid(), run.specHash()),
        attempt.run(),
        attempt.attempt(),
        attempt.artifactPrefix(),
        threads == null ? run.threads() : threads,
        workdir == null ? surroundings.inPod(PodPaths.WORK_DIRECTORY) : workdir,
        surroundings.inPod(PodPaths.PROGRESS_FILE));
  }

  private String read(String name) {
    Path file = Objects.requireNonNull(what.runDirectory).resolve(name);
    try {
      return ContractJson.readTree(Files.readString(file)).toString();
    } catch (IOException e) {
      throw new InvalidSpecException(
          file.toString(), "cannot be read: " + e.getMessage(), "let the operator write it");
    }
  }
}
