package io.loraoperator.trainer.run;

import io.loraoperator.contract.PodPaths.Role;
import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.storage.StorageException;

/** Which reason a storage's trouble is, by what the storage was for. */
public final class StorageFailures {

  private StorageFailures() {}

  /** The failure of a run that comes from a storage's trouble. */
  public static RunFailure of(StorageException e, Role role) {
    Reason reason =
        switch (e.kind()) {
          case NOT_FOUND -> missing(role);
          case ACCESS_DENIED -> Reason.StorageAccessDenied;
          case UNAVAILABLE -> Reason.StorageUnavailable;
        };
    return new RunFailure(reason, field(role, reason) + ": " + e.getMessage(), reason.remedy(), e);
  }

  /** A push is denied to a token, and there always is one. */
  private static String field(Role role, Reason reason) {
    return role == Role.PUSH && reason == Reason.StorageAccessDenied
        ? SourceFiles.field(role) + ".tokenSecretName"
        : SourceFiles.field(role);
  }

  /** The reason where there is nothing at the address of a source. */
  static Reason missing(Role role) {
    return switch (role) {
      case MODEL -> Reason.BaseModelNotFound;
      case TRAIN, EVALUATION -> Reason.DatasetNotFound;
      case OUTPUT, PUSH -> Reason.StorageUnavailable;
      case ADAPTER -> Reason.InvalidSpec;
    };
  }
}
