package io.loraoperator.trainer.dataset;

import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import java.io.IOException;
import java.nio.file.Path;

/** Failures of data files, told by file and line. */
final class DataErrors {

  private DataErrors() {}

  static RunFailure unreadable(Path file, IOException cause) {
    return new RunFailure(
        Reason.DatasetInvalid,
        "%s: cannot be read (%s)".formatted(file, cause.getMessage()),
        "Check that the file is whole and readable.",
        cause);
  }

  static RunFailure notReadableAs(Path file, DataFormat format, String problem) {
    return new RunFailure(
        Reason.DatasetInvalid,
        "%s: cannot be read as %s: %s".formatted(file, format, problem),
        "Check that the file is whole, and that its format is named right.");
  }

  static RunFailure invalid(Path file, long line, String problem) {
    return new RunFailure(
        Reason.DatasetInvalid,
        "%s, line %d: %s".formatted(file, line, problem),
        "Correct this line of the file.");
  }
}
