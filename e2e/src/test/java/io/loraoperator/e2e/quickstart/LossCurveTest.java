package io.loraoperator.e2e.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LossCurveTest {
  @Test
  void drawsFallingLossesFromTopToBottom() {
    assertThat(new LossCurve(10, 2).draw(List.of(4.0, 3.0, 2.0, 1.0)))
        .containsExactly("  4.000 │█▄  ", "  2.000 │███▄", "        └────", "         step 1 … 4");
  }

  @Test
  void averagesStepsThatShareAColumn() {
    List<Double> losses = IntStream.range(0, 100).mapToObj(i -> i < 50 ? 2.0 : 1.0).toList();
    assertThat(new LossCurve(2, 1).draw(losses).getFirst()).isEqualTo("  2.000 │█▄");
  }

  @Test
  void saysWhenThereIsNothingToDraw() {
    assertThat(new LossCurve(10, 2).draw(List.of())).containsExactly("(no step was logged)");
  }
}
