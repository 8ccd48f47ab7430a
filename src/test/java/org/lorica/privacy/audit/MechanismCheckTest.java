package org.lorica.privacy.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lorica.random.RandomKey;

/** Traces made by explicit draws: sound ones pass at 1e-5 a check, each fault fails its check. */
class MechanismCheckTest {
  private static final double FALSE_ALARM = 1e-5;
  private static final double Q = 0.25;
  private static final double SIGMA = 0.8;
  private static final int STEPS = 8;
  private static final int CANARIES = 20_000;

  private enum Sampling {
    POISSON,
    SHUFFLED
  }

  /** Traces of a build with this real noise, this contribution in units of C, this sampling. */
  private static List<CanaryTrace> traces(double noise, double contribution, Sampling sampling) {
    RandomKey key = RandomKey.root(20261121);
    List<CanaryTrace> traces = new ArrayList<>();
    for (int j = 0; j < CANARIES; j++) {
      RandomKey own = key.with(j);
      CanaryTrace trace = CanaryTrace.unseen(own.uniform(0) < 0.5);
      for (int t = 0; t < STEPS; t++) {
        boolean batch =
            sampling == Sampling.POISSON
                ? own.with(1).uniform(t) < Q
                : t % 4 == (int) (4 * own.with(2).uniform(t / 4)); // once in every four steps
        double x = (trace.in() && batch ? contribution : 0) + noise * own.with(3).gaussian(t);
        trace = trace.plus(x, Q, SIGMA);
      }
      traces.add(trace);
    }
    return traces;
  }

  private static List<Boolean> passed(List<CanaryTrace> traces) {
    return MechanismCheck.of(traces).stream().map(c -> c.passed(FALSE_ALARM)).toList();
  }

  @Test
  void whatIsPlannedPassesAndMeasuresOne() {
    List<MechanismCheck> checks = MechanismCheck.of(traces(SIGMA, 1, Sampling.POISSON));
    assertThat(checks).extracting(c -> c.passed(FALSE_ALARM)).containsExactly(true, true, true);
    assertThat(checks.get(0).measured()).isCloseTo(1, within(0.01));
    assertThat(checks.get(1).measured()).isCloseTo(1, within(0.08));
    assertThat(checks.get(2).measured()).isCloseTo(1, within(0.4));
  }

  @Test
  void eachFaultFailsItsCheck() {
    assertThat(passed(traces(0.97 * SIGMA, 1, Sampling.POISSON)).get(0)).isFalse();
    assertThat(passed(traces(0, 1, Sampling.POISSON)).get(0)).isFalse();
    assertThat(passed(traces(SIGMA, 1.3, Sampling.POISSON)).get(1)).isFalse();
    assertThat(passed(traces(SIGMA, 1, Sampling.SHUFFLED))).containsExactly(true, true, false);
  }

  /** The ratio itself, summed over both cases of each step. */
  @Test
  void theLogLikelihoodRatioIsThatOfTheMixture() {
    double x = 0.7;
    double in =
        (1 - Q) * Math.exp(-x * x / (2 * SIGMA * SIGMA))
            + Q * Math.exp(-(x - 1) * (x - 1) / (2 * SIGMA * SIGMA));
    double out = Math.exp(-x * x / (2 * SIGMA * SIGMA));
    CanaryTrace once = CanaryTrace.unseen(true).plus(x, Q, SIGMA);
    assertThat(once.logLikelihoodRatio()).isCloseTo(Math.log(in / out), within(1e-12));
    assertThat(once.plus(x, Q, SIGMA).logLikelihoodRatio())
        .isCloseTo(2 * Math.log(in / out), within(1e-12));
    assertThat(CanaryTrace.unseen(true).plus(1e6, Q, SIGMA).logLikelihoodRatio()).isFinite();
  }

  @Test
  void withoutCanariesOnEitherSideThereIsNoAudit() {
    List<CanaryTrace> inside = List.of(CanaryTrace.unseen(true), CanaryTrace.unseen(true));
    assertThatThrownBy(() -> MechanismCheck.of(inside)).hasMessageContaining("got 2 and 0");
  }
}
