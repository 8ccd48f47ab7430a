package org.lorica.privacy.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lorica.random.RandomKey;

class AuditBoundsTest {
  private static final Path VECTORS = Path.of("../shared/vectors/dp/audit_vectors.csv");

  @Test
  void formulasGiveTheOpenVectors() throws IOException {
    assumeThat(VECTORS).as("audit vectors beside the project").isRegularFile();
    int checked = 0;
    for (String line : Files.readAllLines(VECTORS)) {
      String[] c = line.split(",", -1);
      switch (c[0]) {
        case "one_run_pvalue" -> {
          double found = OneRunBound.pValue(outcome(c), number(c[4]), number(c[5]));
          assertThat(found).as(line).isCloseTo(number(c[7]), within(1e-7 * number(c[7])));
          checked++;
        }
        case "one_run_eps_lb" -> {
          double found = OneRunBound.epsilon(outcome(c), number(c[5]), number(c[6]));
          assertThat(found).as(line).isCloseTo(number(c[7]), within(1e-6));
          checked++;
        }
        case "clopper_pearson_eps_lb" -> {
          TwoWorldBound.Errors errors =
              new TwoWorldBound.Errors(whole(c[1]), whole(c[2]), whole(c[3]), whole(c[4]));
          double found = TwoWorldBound.epsilon(errors, number(c[5]), number(c[6]));
          assertThat(found).as(line).isCloseTo(number(c[7]), within(1e-7));
          checked++;
        }
        default -> {}
      }
    }
    assertThat(checked).isGreaterThan(50);
  }

  private static OneRunBound.Outcome outcome(String[] c) {
    return new OneRunBound.Outcome(whole(c[1]), whole(c[2]), whole(c[3]));
  }

  private static double number(String cell) {
    return Double.parseDouble(cell);
  }

  private static int whole(String cell) {
    return (int) number(cell);
  }

  /** Scores of canaries under one Gaussian of noise multiplier σ: N(in, σ²). */
  private static List<CanaryScore> gaussian(double sigma, int canaries) {
    RandomKey key = RandomKey.root(17);
    List<CanaryScore> scores = new ArrayList<>();
    for (int i = 0; i < canaries; i++) {
      boolean in = key.with(0).uniform(i) < 0.5;
      scores.add(new CanaryScore(in, (in ? 1 : 0) + sigma * key.with(1).gaussian(i)));
    }
    return scores;
  }

  private static double oneRun(double sigma, int canaries) {
    return OneRunBound.best(gaussian(sigma, canaries), 1e-5, 0.005).epsilon();
  }

  private static double twoWorlds(double sigma, int canaries) {
    return TwoWorldBound.best(gaussian(sigma, canaries), 1e-5, 0.005).epsilon();
  }

  /** σ = 1.2 costs ε = 3.9 at δ = 1e-5; the bounds must stay below and still find something. */
  @Test
  void boundsOfASoundMechanismStayBelowItsEpsilonAndFindSomething() {
    assertThat(oneRun(1.2, 20_000)).isBetween(0.5, 3.95);
    assertThat(twoWorlds(1.2, 20_000)).isBetween(0.5, 3.95);
  }

  @Test
  void withoutNoiseBothBoundsReachFar() {
    assertThat(oneRun(1e-6, 4_000)).isGreaterThan(4.5);
    assertThat(twoWorlds(1e-6, 4_000)).isGreaterThan(4.5);
  }

  @Test
  void coinsThatNobodyCouldGuessProveNothing() {
    assertThat(oneRun(1e9, 2_000)).isLessThan(0.1);
    assertThat(twoWorlds(1e9, 2_000)).isLessThan(0.1);
  }

  @Test
  void impossibleCountsAreRefused() {
    assertThatThrownBy(() -> new OneRunBound.Outcome(10, 5, 6))
        .hasMessage("0 <= correct <= guesses <= canaries must hold, got 6, 5, 10");
    assertThatThrownBy(() -> new TwoWorldBound.Errors(10, 10, 11, 0))
        .hasMessageContaining("misses must be in 0..10");
  }
}
