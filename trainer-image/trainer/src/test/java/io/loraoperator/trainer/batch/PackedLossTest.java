package io.loraoperator.trainer.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.contract.FineTuneSpec.Extent;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.model.Precision;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.Torch;
import io.loraoperator.torch.TorchSettings;
import io.loraoperator.trainer.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that share a sequence lose what they lose alone. */
class PackedLossTest {

  @TempDir Path folder;

  @Test
  void packedAndUnpackedRowsHaveTheSameLoss() throws IOException {
    Torch.start(new TorchSettings(1));
    List<Row> rows = rows(24);
    int[] lengths = rows.stream().mapToInt(row -> row.ids().length).toArray();
    try (BaseModelFiles files = BaseModelFiles.open(TinyModel.write(folder, false));
        FineTunableModel model =
            FineTunableModel.load(
                Architecture.of(files.config()), files.weights(), Precision.FLOAT32, null)) {
      RowSequences packed = RowSequences.packed(lengths, 64);
      double alone = loss(model, rows, RowSequences.single(lengths), 1);
      double together = loss(model, rows, packed, 2);
      assertThat(packed.count()).isLessThan(rows.size() / 2);
      assertThat(together).isCloseTo(alone, within(1e-5 * alone));
      // Rows that ran into each other would differ by far more.
      double joined = model.evaluate(List.of(joined(rows))).lossSum() / trained(rows);
      assertThat(Math.abs(joined - alone)).isGreaterThan(1e-4 * alone);
    }
  }

  /** The mean over all trained tokens of an epoch. */
  private static double loss(
      FineTunableModel model, List<Row> rows, RowSequences sequences, int batchSize) {
    StepPlan plan =
        new StepPlan(sequences, batchSize, 1, new Extent.MaxSteps(1), RowOrder.SHUFFLED, 42);
    double sum = 0;
    for (int step = 1; step <= plan.stepsPerEpoch(); step++) {
      for (int[] places : plan.microBatches(step)) {
        sum += model.evaluate(Arrays.stream(places).mapToObj(rows::get).toList()).lossSum();
      }
    }
    return sum / trained(rows);
  }

  private static long trained(List<Row> rows) {
    return rows.stream().mapToLong(Row::trainedTokens).sum();
  }

  private static List<Row> rows(int n) {
    SplitMix random = new SplitMix(3, 0);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int[] ids = new int[2 + random.nextInt(30)];
      boolean[] trained = new boolean[ids.length];
      for (int t = 0; t < ids.length; t++) {
        ids[t] = random.nextInt(250);
        trained[t] = t > 0 && t >= ids.length / 3;
      }
      rows.add(new Row(ids, trained));
    }
    return rows;
  }

  private static Row joined(List<Row> rows) {
    int length = rows.stream().mapToInt(row -> row.ids().length).sum();
    int[] ids = new int[length];
    boolean[] trained = new boolean[length];
    int at = 0;
    for (Row row : rows) {
      System.arraycopy(row.ids(), 0, ids, at, row.ids().length);
      System.arraycopy(row.trained(), 0, trained, at, row.ids().length);
      at += row.ids().length;
    }
    return new Row(ids, trained);
  }
}
