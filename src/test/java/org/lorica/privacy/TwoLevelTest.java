package org.lorica.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TwoLevelTest {
  private static final double DELTA = 1e-6;
  private final PldAccountant accountant = new PldAccountant();

  private static double twoLevel(double q, double sigma, int tau, double p, int rounds) {
    return new TwoLevel(new SampledGaussian(q, sigma), tau, p, rounds).epsilon(DELTA);
  }

  @ParameterizedTest(name = "q={0} sigma={1} tau={2}")
  @CsvSource({"0.1, 1, 5", "0.5, 2, 3", "1, 4, 2", "0.9, 3, 12"})
  void whereEverybodyTakesPartItIsTheServersFigure(double q, double sigma, int tau) {
    double server = accountant.epsilon(new SampledGaussian(q, sigma), tau * 10, DELTA);
    assertThat(twoLevel(q, sigma, tau, 1, 10)).isCloseTo(server, within(2e-4 * server));
  }

  @ParameterizedTest(name = "q={0} p={1}")
  @CsvSource({"0.1, 0.2", "1, 0.05", "0.7, 0.9"})
  void withOneLocalStepItIsSamplingWithTheProduct(double q, double p) {
    double product = accountant.epsilon(new SampledGaussian(q * p, 1.3), 40, DELTA);
    assertThat(twoLevel(q, 1.3, 1, p, 40)).isCloseTo(product, within(2e-4 * product + 1e-5));
  }

  /** The shortcut q' = pq over Rτ steps, which it replaces, would under-report. */
  @Test
  void stepsThatComeTogetherCostMoreThanStepsApart() {
    double shortcut = accountant.epsilon(new SampledGaussian(0.3 * 0.1, 1), 50, DELTA);
    double found = twoLevel(0.3, 1, 5, 0.1, 10);
    assertThat(found).isGreaterThan(1.2 * shortcut);
    assertThat(found).isLessThan(accountant.epsilon(new SampledGaussian(0.3, 1), 50, DELTA));
  }

  @Test
  void growsWithEveryLevel() {
    double base = twoLevel(0.2, 1.5, 4, 0.2, 20);
    assertThat(twoLevel(0.25, 1.5, 4, 0.2, 20)).isGreaterThan(base);
    assertThat(twoLevel(0.2, 1.5, 5, 0.2, 20)).isGreaterThan(base);
    assertThat(twoLevel(0.2, 1.5, 4, 0.25, 20)).isGreaterThan(base);
    assertThat(twoLevel(0.2, 1.5, 4, 0.2, 25)).isGreaterThan(base);
    assertThat(twoLevel(0.2, 1.6, 4, 0.2, 20)).isLessThan(base);
  }
}
