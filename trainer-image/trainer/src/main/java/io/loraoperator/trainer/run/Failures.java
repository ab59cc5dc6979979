package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.CheckpointException;
import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.contract.Reason;
import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.TorchException;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.storage.StorageException;
import java.io.UncheckedIOException;

/** Turns whatever was thrown into a failure that a user can read. */
public final class Failures {

  private Failures() {}

  /** The failure; {@link Reason#InternalError} for what nobody foresaw. */
  public static RunFailure of(Throwable thrown) {
    return switch (thrown) {
      case RunFailure failure -> failure;
      case InvalidSpecException e ->
          new RunFailure(
              Reason.InvalidSpec, String.valueOf(e.getMessage()), sentence(e.remedy()), e);
      case UnsupportedModelException e ->
          new RunFailure(
              Reason.UnsupportedModel,
              "spec.baseModel.source: " + e.getMessage(),
              Reason.UnsupportedModel.remedy(),
              e);
      case CheckpointException e -> ofModelFile(e);
      case StorageException e ->
          new RunFailure(
              e.kind() == StorageException.Kind.ACCESS_DENIED
                  ? Reason.StorageAccessDenied
                  : Reason.StorageUnavailable,
              String.valueOf(e.getMessage()),
              e.kind() == StorageException.Kind.ACCESS_DENIED
                  ? Reason.StorageAccessDenied.remedy()
                  : Reason.StorageUnavailable.remedy(),
              e);
      case UncheckedIOException e -> ofLocalDisk(String.valueOf(e.getCause()), e);
      case OutOfMemoryError e ->
          new RunFailure(
              Reason.OutOfMemory,
              "the trainer has not enough memory: " + e.getMessage(),
              Reason.OutOfMemory.remedy(),
              e);
      case TorchException e when e.isOutOfMemory() ->
          new RunFailure(
              Reason.OutOfMemory,
              "the model has not enough memory",
              Reason.OutOfMemory.remedy(),
              e);
      default ->
          new RunFailure(
              Reason.InternalError,
              "something went wrong that should not: " + thrown,
              "Run it again with --debug and report what it prints as a bug.",
              thrown);
    };
  }

  /** A disk of this machine that is full or broken: another Pod may find a better one. */
  private static RunFailure ofLocalDisk(String problem, Exception e) {
    return new RunFailure(
        Reason.StorageUnavailable,
        "the trainer's own disk cannot be used: " + problem,
        "Give it more room with spec.resources.ephemeralStorage, then set spec.restart to a new value.",
        e);
  }

  private static RunFailure ofModelFile(CheckpointException e) {
    Reason reason =
        switch (e.kind()) {
          case NOT_FOUND -> Reason.BaseModelNotFound;
          case INVALID, UNSUPPORTED -> Reason.UnsupportedModel;
          case IO -> Reason.StorageUnavailable;
        };
    return new RunFailure(reason, e.file() + ": " + e.problem(), e.remedy(), e);
  }

  private static String sentence(String remedy) {
    String text = Character.toUpperCase(remedy.charAt(0)) + remedy.substring(1);
    return text.endsWith("?") || text.endsWith(".") ? text : text + ".";
  }
}
