package org.lorica.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RdpAccountantTest {
  private static final Path VECTORS = Path.of("../shared/vectors/dp/vectors_ext.csv");
  private final RdpAccountant accountant = new RdpAccountant();

  private double epsilon(double q, double sigma, int steps, double delta) {
    return accountant.epsilon(new SampledGaussian(q, sigma), steps, delta);
  }

  /** Between the exact optimum over orders and Google's library, up to 1e-7. */
  @Test
  void agreesWithIndependentLibraries() throws IOException {
    assumeThat(VECTORS).as("accountant vectors beside the project").isRegularFile();
    List<String> lines = Files.readAllLines(VECTORS);
    List<String> header = Arrays.asList(lines.get(0).split(","));
    int checked = 0;
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      double found =
          epsilon(
              number(cells, header, "q"),
              number(cells, header, "sigma"),
              (int) number(cells, header, "steps"),
              number(cells, header, "delta"));
      double exact = number(cells, header, "eps_rdp_exact");
      double google = number(cells, header, "eps_rdp_google");
      assertThat(found)
          .as(line)
          .isBetween(Math.min(exact, google) * (1 - 1e-7), Math.max(exact, google) * (1 + 1e-7));
      checked++;
    }
    assertThat(checked).isGreaterThan(20);
  }

  private static double number(String[] cells, List<String> header, String column) {
    return Double.parseDouble(cells[header.indexOf(column)]);
  }

  @Test
  void growsWithSamplingAndStepsAndShrinksWithNoiseAndDelta() {
    double base = epsilon(0.02, 1.1, 500, 1e-5);
    assertThat(epsilon(0.03, 1.1, 500, 1e-5)).isGreaterThan(base);
    assertThat(epsilon(0.02, 1.1, 600, 1e-5)).isGreaterThan(base);
    assertThat(epsilon(0.02, 1.2, 500, 1e-5)).isLessThan(base);
    assertThat(epsilon(0.02, 1.1, 500, 1e-4)).isLessThan(base);
  }

  @Test
  void noNoiseIsNoPrivacyAndNoStepCostsNothing() {
    assertThat(epsilon(0.1, 0, 1, 1e-5)).isInfinite();
    assertThat(epsilon(0.1, 1, 0, 1e-5)).isZero();
    assertThat(epsilon(0, 1, 100, 1e-5)).isZero();
  }

  /** Beyond the quadrature's reach the chord between integer orders stands in: looser only. */
  @Test
  void theChordLiesAboveTheQuadratureAndNear() {
    for (double sigma : new double[] {0.006, 0.1, 1, 20}) {
      for (double order : new double[] {1.3, 2.5, 7.9}) {
        double exact = (order - 1) * RdpAccountant.rdp(new SampledGaussian(0.05, sigma), order);
        double chord = RdpAccountant.chord(0.05, sigma, order);
        assertThat(chord).as("σ = %s, order %s", sigma, order).isGreaterThan(exact);
        if (order > 2) {
          assertThat(chord).isLessThan(1.2 * exact);
        }
      }
    }
  }

  @Test
  void extremeNoiseHasAnEpsilonAndMoreNoiseNeverAGreaterOne() {
    double before = Double.POSITIVE_INFINITY;
    for (double sigma : new double[] {1e-300, 1e-30, 1e-6, 0.004, 0.006, 1, 1e6, 1e12, 1e300}) {
      double found = epsilon(0.01, sigma, 1000, 1e-5);
      assertThat(found).as("σ = %s", sigma).isNotNaN().isBetween(0.0, before);
      before = found;
    }
    assertThat(before).isLessThan(0.01);
  }

  @Test
  void calibrationMeetsTheTargetFromBelowAndNarrowly() {
    double sigma = Calibration.noiseMultiplier(accountant, 3, 0.05, 400, 1e-5);
    assertThat(epsilon(0.05, sigma, 400, 1e-5)).isLessThanOrEqualTo(3).isGreaterThan(2.99);
  }

  @Test
  void anEpsilonOutOfReachNamesTheKey() {
    assertThatThrownBy(() -> Calibration.noiseMultiplier(accountant, 1e-7, 1, 1000, 1e-5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("privacy.epsilon = 1.0E-7 cannot be reached");
  }
}
