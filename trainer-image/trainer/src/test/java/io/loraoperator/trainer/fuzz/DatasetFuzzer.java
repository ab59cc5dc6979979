package io.loraoperator.trainer.fuzz;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.dataset.DataFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Rows of every format; an input's first byte says which. */
public final class DatasetFuzzer {

  private static final Bound BOUND =
      new Bound(
          Bound.FIXED_BYTES,
          Bound.FOUR_TIMES,
          e -> e instanceof RunFailure failure && failure.reason() != Reason.InternalError);
  private static final FineTuneSpec.Rows ALL = new FineTuneSpec.Rows(0, null);

  private DatasetFuzzer() {}

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    String ending = ending(input);
    if (ending.isEmpty()) {
      return;
    }
    Path file = InputFile.named("input" + ending);
    Files.write(file, Arrays.copyOfRange(input, 1, input.length));
    BOUND.check(
        input.length,
        () -> {
          DataFiles rows = new DataFiles(file, FineTuneSpec.Format.Auto, ALL);
          var _ = rows.columns();
          rows.forEach(row -> {
            var _ = row.text("prompt");
          });
        });
  }

  private static String ending(byte[] input) {
    return switch (input.length == 0 ? 0 : input[0]) {
      case 'j' -> ".jsonl";
      case 'a' -> ".json";
      case 'c' -> ".csv";
      case 't' -> ".tsv";
      case 'x' -> ".txt";
      case 'p' -> ".parquet";
      case 'z' -> ".jsonl.gz";
      default -> "";
    };
  }
}
