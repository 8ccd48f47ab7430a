package org.lorica.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.random.RandomKey;

class PrivacyPlanTest {
  private static final int CAP = 6;

  private static PrivacyPlan plan(OptionalDouble epsilon, OptionalDouble sigma) {
    return new PrivacyPlan(
        new PrivacyPlan.Terms(
            new PrivacyPlan.Claim(epsilon, sigma, 1.0),
            1e-5,
            new PrivacyPlan.Sampling(OptionalDouble.empty(), 16),
            5,
            CAP),
        new RdpAccountant());
  }

  @ParameterizedTest(name = "{0} records")
  @ValueSource(ints = {0, 1, 16, 17, 100, 5000})
  void noClientEverSpendsMoreThanTheTarget(int records) {
    PrivacyPlan plan = plan(OptionalDouble.of(4), OptionalDouble.empty());
    ClientTerms terms = plan.terms(records);
    assertThat(plan.epsilon(terms, CAP)).isLessThanOrEqualTo(4).isGreaterThan(3.5);
    assertThat(plan.epsilon(terms, CAP - 1)).isLessThan(plan.epsilon(terms, CAP));
    assertThat(terms.samplingProbability()).isEqualTo(records <= 16 ? 1 : 16.0 / records);
  }

  @Test
  void aGivenNoiseIsTakenAsItIsAndZeroNoiseClaimsNothing() {
    PrivacyPlan plan = plan(OptionalDouble.empty(), OptionalDouble.of(0.8));
    assertThat(plan.terms(100).noiseMultiplier()).isEqualTo(0.8);
    assertThat(plan.terms().claim().made()).isTrue();
    assertThat(plan(OptionalDouble.empty(), OptionalDouble.of(0)).terms().claim().made()).isFalse();
  }

  @Test
  void bothATargetAndANoiseAreRefused() {
    assertThatThrownBy(() -> plan(OptionalDouble.of(1), OptionalDouble.of(1)))
        .hasMessage("set privacy.epsilon or privacy.noise-multiplier, not both");
  }

  /** Binomial mean within 4.42 standard deviations: false-alarm rate 1e-5. */
  @Test
  void everyRecordIsDrawnWithItsProbabilityAndBatchSizesVary() {
    PoissonSampler sampler = new PoissonSampler(0.3);
    int draws = 0;
    boolean varies = false;
    int first = sampler.sample(RandomKey.root(1).with(0), 50).length;
    for (int step = 0; step < 400; step++) {
      int size = sampler.sample(RandomKey.root(1).with(step), 50).length;
      draws += size;
      varies |= size != first;
    }
    double deviation = Math.sqrt(400 * 50 * 0.3 * 0.7);
    assertThat((double) draws).isBetween(6000 - 4.42 * deviation, 6000 + 4.42 * deviation);
    assertThat(varies).isTrue();
    assertThat(new PoissonSampler(1).sample(RandomKey.root(1), 5)).containsExactly(0, 1, 2, 3, 4);
    assertThat(new PoissonSampler(0).sample(RandomKey.root(1), 5)).isEmpty();
  }
}
