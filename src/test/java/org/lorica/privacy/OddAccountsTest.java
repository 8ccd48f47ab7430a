package org.lorica.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Accountants where nobody sensible goes: an answer, and never one that is too small. */
class OddAccountsTest {
  private final PldAccountant pld = new PldAccountant();
  private final RdpAccountant rdp = new RdpAccountant();

  @ParameterizedTest(name = "sigma = {0}")
  @ValueSource(doubles = {1e-300, 1e-150, 1e-7, 1e-5, 1e-3, 0.05, 0.3, 50, 1e6, 1e154, 1e308})
  void everyNoiseHasAnEpsilonThatIsANumberAndPldIsNeverTheLooserOne(double sigma) {
    for (double q : new double[] {1e-300, 1e-6, 0.1, 0.999, 1}) {
      for (int steps : new int[] {1, 1_000_000, Integer.MAX_VALUE}) {
        SampledGaussian step = new SampledGaussian(q, sigma);
        double loose = rdp.epsilon(step, steps, 1e-12);
        double tight = pld.epsilon(step, steps, 1e-12);
        assertThat(loose).as("rdp, q %s, steps %d", q, steps).isGreaterThanOrEqualTo(0);
        assertThat(tight).as("pld, q %s, steps %d", q, steps).isBetween(0.0, loose);
      }
    }
  }

  @Test
  void noiseWithoutEndIsRefused() {
    assertThatThrownBy(() -> new SampledGaussian(0.1, Double.POSITIVE_INFINITY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("noiseMultiplier must be >= 0 and finite, got Infinity");
  }

  /**
   * Values of an FFT over a grid of 2^21 points, made from the outcomes' densities and not from
   * cells of losses, by another program. Where one step loses far less than the grid's 1e-4, ε is
   * too great, but no more than by RDP.
   */
  @ParameterizedTest(name = "q = {0}, sigma = {1}, {2} steps, delta = {3}")
  @CsvSource({
    "0.01, 50, 10000, 1e-5, 0.0586572734, 0.0024",
    "0.01, 50, 1000000, 1e-12, 1.32433403, 0.04",
    "0.01, 1000, 10000, 1e-5, 0.00193874804, 0.0022",
    "0.01, 5, 1000000, 1e-5, 10.1241325, 0.004",
    "0.5, 1000, 1000000, 1e-5, 1.9930942, 0.01",
    "0.5, 1000, 10000, 1e-12, 0.317110934, 0.002"
  })
  void manyStepsOfGreatNoiseAreNeverCountedTooLow(
      double q, double sigma, int steps, double delta, double expected, double above) {
    double found = pld.epsilon(new SampledGaussian(q, sigma), steps, delta);
    assertThat(found).isBetween(expected * (1 - 1e-5), expected + above);
  }

  @Test
  void aThirdPartyNeverSeesMoreThanTheServer() {
    SampledGaussian step = new SampledGaussian(0.05, 0.5);
    double server = pld.epsilon(step, 10_000, 1e-12);
    assertThat(new TwoLevel(step, 10, 1e-6, 1000).epsilon(1e-12)).isLessThanOrEqualTo(server);
  }
}
