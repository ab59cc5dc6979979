package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CounterRandomTest {

  @Test
  void bitsAreThoseOfSplitMix64() {
    // the first outputs of SplitMix64 with seed 1234567, as published with it
    assertThat(Long.toUnsignedString(CounterRandom.bits(1234567, 1)))
        .isEqualTo("6457827717110365317");
    assertThat(Long.toUnsignedString(CounterRandom.bits(1234567, 2)))
        .isEqualTo("3203168211198807973");
  }

  @Test
  void everyPartOfAKeyAndItsPlaceCount() {
    Set<Long> keys = new HashSet<>();
    for (int a = 0; a < 10; a++) {
      for (int b = 0; b < 10; b++) {
        for (int c = 0; c < 10; c++) {
          keys.add(CounterRandom.key(a, b, c));
        }
      }
    }
    assertThat(keys).hasSize(1000);
  }

  @Test
  void keepsTheShareItShould() {
    byte[] keep = new byte[100_003];
    CounterRandom.fillKeep(keep, 0, keep.length, 0.1, 5);
    int kept = 0;
    for (byte b : keep) {
      assertThat(b).isBetween((byte) 0, (byte) 1);
      kept += b;
    }
    assertThat(kept / (double) keep.length).isCloseTo(0.9, within(0.005));
  }

  @Test
  void normalValuesHaveTheNormalDistributionsMoments() {
    float[] values = new float[100_000];
    CounterRandom.fillNormal(values, 5);
    double sum = 0;
    double squares = 0;
    double fourth = 0;
    int beyond = 0;
    for (float value : values) {
      sum += value;
      squares += value * value;
      fourth += Math.pow(value, 4);
      beyond += Math.abs(value) > 1.96 ? 1 : 0;
    }
    assertThat(sum / values.length).isCloseTo(0, within(0.01));
    assertThat(squares / values.length).isCloseTo(1, within(0.02));
    assertThat(fourth / values.length).isCloseTo(3, within(0.1));
    assertThat(beyond / (double) values.length).isCloseTo(0.05, within(0.003));
  }
}
