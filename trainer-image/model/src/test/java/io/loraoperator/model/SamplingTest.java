package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Set;
import org.junit.jupiter.api.Test;

class SamplingTest {

  /** Probabilities 0.6, 0.3 and 0.1. */
  private static final float[] LOGITS = {
    (float) Math.log(0.3), (float) Math.log(0.6), (float) Math.log(0.1)
  };

  @Test
  void zeroTemperatureTakesTheMostProbable() {
    var sampler = new TokenSampler(Sampling.GREEDY);
    assertThat(sampler.next(LOGITS)).isEqualTo(1);
  }

  @Test
  void temperatureOneFollowsTheProbabilities() {
    assertThat(shares(new Sampling(1, 0, 1, 1, 7)))
        .containsExactly(new double[] {0.3, 0.6, 0.1}, within(0.02));
  }

  @Test
  void temperatureTwoFlattensThem() {
    double total = Math.sqrt(0.3) + Math.sqrt(0.6) + Math.sqrt(0.1);
    assertThat(shares(new Sampling(2, 0, 1, 1, 7)))
        .containsExactly(
            new double[] {Math.sqrt(0.3) / total, Math.sqrt(0.6) / total, Math.sqrt(0.1) / total},
            within(0.02));
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    assertThat(shares(new Sampling(1, 0, 0.8, 1, 7)))
        .containsExactly(new double[] {1 / 3.0, 2 / 3.0, 0}, within(0.02));
    assertThat(shares(new Sampling(1, 0, 0.5, 1, 7)))
        .containsExactly(new double[] {0, 1, 0}, within(1e-6));
  }

  @Test
  void topKKeepsSoManyBeforeTopP() {
    assertThat(shares(new Sampling(1, 2, 1, 1, 7)))
        .containsExactly(new double[] {1 / 3.0, 2 / 3.0, 0}, within(0.02));
    // Of the two that are kept, the first has two thirds.
    assertThat(shares(new Sampling(1, 2, 0.66, 1, 7)))
        .containsExactly(new double[] {0, 1, 0}, within(1e-6));
  }

  @Test
  void aPenaltyMakesWhatHasOccurredLessProbable() {
    var sampler = new TokenSampler(new Sampling(0, 0, 1, 1.5, 0));
    sampler.saw(0, 1);
    // As transformers: positive logits are divided, negative ones multiplied.
    float[] logits = {2, 3, 1.9f, -1};
    assertThat(sampler.next(logits)).isEqualTo(1);
    assertThat(logits).containsExactly(2 / 1.5f, 2, 1.9f, -1);
    sampler.saw(3);
    assertThat(sampler.next(new float[] {-3, -3, -3, -2.5f})).isEqualTo(2);
  }

  @Test
  void theSameSeedWritesTheSameText() {
    Fixture fixture = Fixture.read("llama-tied");
    try (FineTunableModel model = fixture.model(null)) {
      int[] first = write(model, 3);
      assertThat(write(model, 3)).containsExactly(first);
      assertThat(write(model, 4)).isNotEqualTo(first);
    }
  }

  private static int[] write(FineTunableModel model, long seed) {
    return model
        .generate(new int[] {1, 2, 3}, 20, Set.of(), new Sampling(1, 0, 0.9, 1, seed), t -> true)
        .ids();
  }

  private static double[] shares(Sampling sampling) {
    var sampler = new TokenSampler(sampling);
    double[] shares = new double[LOGITS.length];
    int draws = 20_000;
    for (int i = 0; i < draws; i++) {
      shares[sampler.next(LOGITS.clone())] += 1.0 / draws;
    }
    return shares;
  }
}
