package io.loraoperator.reporter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusTextTest {
  @ParameterizedTest
  @CsvSource({
    ", ",
    "1.82309, 1.8231",
    "0, 0.0000",
    "12345.678949, 12345.6789",
    "1e-9, 0.0000",
    "NaN, NaN",
    "Infinity, Infinity"
  })
  void loss(Double value, String text) {
    assertThat(StatusText.loss(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    ", ",
    "0, 0",
    "2e-4, 2e-4",
    "0.00015, 1.5e-4",
    "0.000123456789, 1.2346e-4",
    "0.00999996, 1e-2",
    "0.01, 0.01",
    "0.1, 0.1",
    "3, 3",
    "1e-12, 1e-12"
  })
  void learningRate(Double value, String text) {
    assertThat(StatusText.learningRate(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({", ", "0.41, 0.41", "0.41349, 0.413", "12.345, 12.3", "1234.5, 1230", "0, 0"})
  void norm(Double value, String text) {
    assertThat(StatusText.norm(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({", ", "1830.4, 1830", "9.94, 9.9", "10, 10", "0, 0.0"})
  void perSecond(Double value, String text) {
    assertThat(StatusText.perSecond(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    ", ",
    "0, 0s",
    "-3, 0s",
    "59, 59s",
    "60, 1m0s",
    "1490, 24m50s",
    "3599, 59m59s",
    "3600, 1h0m",
    "18805, 5h13m",
    "86400, 1d0h",
    "273600, 3d4h"
  })
  void remaining(Long seconds, String text) {
    assertThat(StatusText.remaining(seconds)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "120, 600, 120/600, 20",
    "0, , 0/?, ",
    "599, 600, 599/600, 99",
    "600, 600, 600/600, 100"
  })
  void steps(int step, Integer totalSteps, String summary, Integer percentage) {
    assertThat(StatusText.stepSummary(step, totalSteps)).isEqualTo(summary);
    assertThat(StatusText.percentage(step, totalSteps)).isEqualTo(percentage);
  }

  @ParameterizedTest
  @CsvSource({", ", "0.6, 0.60", "2.999, 3.00"})
  void epoch(Double value, String text) {
    assertThat(StatusText.epoch(value)).isEqualTo(text);
  }
}
