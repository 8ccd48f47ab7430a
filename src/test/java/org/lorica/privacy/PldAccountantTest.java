package org.lorica.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PldAccountantTest {
  private static final Path VECTORS = Path.of("../shared/vectors/dp/vectors_ext.csv");
  private final PldAccountant accountant = new PldAccountant();

  private double epsilon(double q, double sigma, int steps, double delta) {
    return accountant.epsilon(new SampledGaussian(q, sigma), steps, delta);
  }

  /** Within max(1e-4·ε, 3e-5) of Google's library, and never above our RDP bound. */
  @Test
  void agreesWithAnIndependentLibraryAndStaysBelowRdp() throws IOException {
    assumeThat(VECTORS).as("accountant vectors beside the project").isRegularFile();
    RdpAccountant rdp = new RdpAccountant();
    List<String> lines = Files.readAllLines(VECTORS);
    List<String> header = Arrays.asList(lines.get(0).split(","));
    for (String line : lines.subList(1, lines.size())) {
      double[] row =
          Arrays.stream(line.split(",", -1))
              .mapToDouble(c -> c.isEmpty() ? Double.NaN : Double.parseDouble(c))
              .toArray();
      double google = row[header.indexOf("eps_pld_google")];
      double found = epsilon(row[0], row[1], (int) row[2], row[3]);
      assertThat(found).as(line).isCloseTo(google, within(Math.max(1e-4 * google, 3e-5)));
      assertThat(found)
          .isLessThanOrEqualTo(
              rdp.epsilon(new SampledGaussian(row[0], row[1]), (int) row[2], row[3]));
    }
    assertThat(lines).hasSizeGreaterThan(50);
  }

  /** δ(ε) of one step is an integral that the normal tails give in closed form. */
  @ParameterizedTest(name = "q={0} sigma={1} delta={2}")
  @CsvSource({"0.3, 0.8, 1e-5", "0.01, 0.6, 1e-8", "0.5, 2, 1e-3", "0.9, 1, 1e-10"})
  void oneStepMatchesItsClosedForm(double q, double sigma, double delta) {
    double found = epsilon(q, sigma, 1, delta);
    assertThat(oneStepDelta(q, sigma, found)).isCloseTo(delta, within(1e-3 * delta));
  }

  /** Remove direction, which dominates: P[L > ε] under the mixture less e^ε of it without. */
  private static double oneStepDelta(double q, double sigma, double epsilon) {
    double x = sigma * sigma * Math.log((Math.expm1(epsilon) + q) / q) + 0.5;
    org.apache.commons.math3.distribution.NormalDistribution normal =
        new org.apache.commons.math3.distribution.NormalDistribution(null, 0, 1);
    double without = normal.cumulativeProbability(-x / sigma);
    double with = normal.cumulativeProbability(-(x - 1) / sigma);
    return (1 - q) * without + q * with - Math.exp(epsilon) * without;
  }

  @ParameterizedTest(name = "sigma={0}")
  @ValueSource(doubles = {0.4, 1, 3, 20})
  void withoutSamplingItIsTheGaussianCurve(double sigma) {
    double found = epsilon(1, sigma, 7, 1e-6);
    assertThat(GaussianCurve.delta(sigma / Math.sqrt(7), found)).isCloseTo(1e-6, within(1e-12));
    // the grid says the same as the curve it bypasses
    assertThat(epsilon(1 - 1e-9, sigma, 7, 1e-6)).isCloseTo(found, within(2e-4 * found));
  }

  @Test
  void composingInPartsIsComposingAtOnce() {
    SampledGaussian step = new SampledGaussian(0.05, 1.2);
    SampledGaussian other = new SampledGaussian(0.2, 2.5);
    Composition parts = Composition.of(step, 100).plus(other, 30).plus(step, 50).plus(other, 20);
    Composition whole = Composition.of(step, 150).plus(other, 50);
    assertThat(parts).isEqualTo(whole);
    double both = accountant.epsilon(whole, 1e-6);
    assertThat(both).isGreaterThan(epsilon(0.05, 1.2, 150, 1e-6));
    assertThat(both).isLessThan(epsilon(0.05, 1.2, 150, 5e-7) + epsilon(0.2, 2.5, 50, 5e-7));
    // a twin that differs by a hair is convolved as a distribution of its own
    Composition split =
        Composition.of(step, 100).plus(new SampledGaussian(0.05, 1.2 * (1 + 1e-12)), 50);
    assertThat(accountant.epsilon(split, 1e-6))
        .isCloseTo(epsilon(0.05, 1.2, 150, 1e-6), within(1e-6));
  }

  @Test
  void growsWithSamplingAndStepsAndShrinksWithNoiseAndDelta() {
    double base = epsilon(0.02, 1.1, 500, 1e-5);
    assertThat(epsilon(0.021, 1.1, 500, 1e-5)).isGreaterThan(base);
    assertThat(epsilon(0.02, 1.1, 510, 1e-5)).isGreaterThan(base);
    assertThat(epsilon(0.02, 1.12, 500, 1e-5)).isLessThan(base);
    assertThat(epsilon(0.02, 1.1, 500, 1.1e-5)).isLessThan(base);
  }

  /** The tail down to where RDP takes over: steadily greater, and by less than RDP's own. */
  @Test
  void verySmallDeltasKeepTheirShape() {
    double before = epsilon(0.01, 1, 10_000, 1e-5);
    for (double delta = 1e-6; delta > 1e-16; delta /= 10) {
      double now = epsilon(0.01, 1, 10_000, delta);
      assertThat(now).isGreaterThan(before).isLessThan(before + 1.2);
      before = now;
    }
  }

  @Test
  void noNoiseIsNoPrivacyAndNoStepCostsNothing() {
    assertThat(epsilon(0.1, 0, 1, 1e-5)).isInfinite();
    assertThat(epsilon(0.1, 1, 0, 1e-5)).isZero();
    assertThat(epsilon(0, 1, 100, 1e-5)).isZero();
    assertThat(epsilon(1e-9, 1, 1, 1e-5)).isZero();
  }

  @Test
  void hardlyAnyNoiseIsStillAnswered() {
    assertThat(epsilon(0.1, 0.05, 100, 1e-5)).isBetween(5_000.0, 20_000.0);
  }

  @ParameterizedTest(name = "epsilon={0} q={1} steps={2}")
  @CsvSource({"8, 0.1, 150", "1, 0.01, 2000", "3, 1, 100", "0.05, 0.001, 100", "60, 0.5, 10"})
  void calibrationMeetsTheTargetFromBelowAndNarrowly(double epsilon, double q, int steps) {
    double sigma = Calibration.noiseMultiplier(accountant, epsilon, q, steps, 1e-5);
    assertThat(epsilon(q, sigma, steps, 1e-5)).isBetween(epsilon * (1 - 1e-4), epsilon);
    assertThat(sigma)
        .isLessThan(Calibration.noiseMultiplier(new RdpAccountant(), epsilon, q, steps, 1e-5));
  }
}
