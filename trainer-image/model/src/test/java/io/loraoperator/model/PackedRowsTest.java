package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.torch.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackedRowsTest {

  @Test
  void rowsLieLongestFirstAndTargetsPointAtTheTokenBefore() {
    List<Row> rows =
        List.of(
            new Row(new int[] {1, 2}, new boolean[] {true, true}),
            new Row(new int[] {3, 4, 5}, new boolean[] {false, false, true}));
    try (TensorScope scope = new TensorScope()) {
      PackedRows packed = PackedRows.of(scope, rows, 10, 8);
      assertThat(packed.ids().toLongs()).as("rounded up").containsExactly(3, 4, 5, 1, 2, 0, 0, 0);
      assertThat(packed.lengths()).containsExactly(3, 5);
      assertThat(packed.order()).containsExactly(1, 0);
      assertThat(packed.positions().toLongs()).containsExactly(1, 3);
      assertThat(packed.targets().toLongs()).containsExactly(5, 2);
      assertThat(packed.trainedTokens()).isEqualTo(2);
      assertThat(packed.widths()).containsExactly(8);
    }
  }

  @Test
  void rowsOfUnlikeLengthsArePaddedApart() {
    assertThat(PackedRows.groups(new int[] {100, 80, 74, 60, 20}))
        .containsExactly(new long[] {100, 80}, new long[] {74, 60}, new long[] {20});
    assertThat(PackedRows.groups(new int[] {60, 3, 1})).containsExactly(new long[] {60, 3, 1});
  }
}
