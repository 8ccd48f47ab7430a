package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Clipper;
import org.lorica.privacy.DiscreteGaussianNoiser;
import org.lorica.privacy.GaussianNoiser;
import org.lorica.privacy.Release;
import org.lorica.random.RandomKey;
import org.lorica.random.SecretKey;
import org.lorica.sketch.FactorMean;
import org.lorica.sketch.TrainedClient;

/** Who takes part, and what the server may sum. */
class CohortsTest {
  private static final AdapterLayout LAYOUT =
      new AdapterLayout(List.of(new LoraModule("m", 6, 5)), List.of(), 2, 1.0);
  private static final Set<Role> FACTORS = Set.of(Role.B, Role.A);
  private static final ActiveTensors ALL = ActiveTensors.of(LAYOUT, slot -> true);
  private static final AdapterSet GLOBAL = adapter(100);

  private static AdapterSet adapter(long seed) {
    float[] values = AdapterInit.fresh(LAYOUT, new float[0], RandomKey.root(seed)).toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (0.1 * RandomKey.root(seed).gaussian(i));
    }
    return AdapterSet.of(LAYOUT, values);
  }

  private static Cohort cohort(int clients, double weight) {
    List<ClientUpdate> updates = new java.util.ArrayList<>();
    for (int k = 0; k < clients; k++) {
      Participant p = new Participant(k, weight, ClientTerms.withoutPrivacy(1), RandomKey.root(k));
      updates.add(
          new ClientUpdate(
              p, TrainedClient.untrained(adapter(k)), new TrainingStats(1, 0, 0, 0, 0)));
    }
    return new LocalCohort(updates);
  }

  /** 5,000 rounds; every client's count within 4.9 deviations: 100 checks at 1e-6 each. */
  @Test
  void everyClientIsDrawnWithTheSameProbabilityAndCohortSizesVary() {
    PoissonCohorts cohorts = new PoissonCohorts(100, 4, 5000, RandomKey.root(3));
    int[] drawn = new int[100];
    double squares = 0;
    for (int round = 0; round < 5000; round++) {
      List<Integer> cohort = cohorts.next();
      assertThat(cohort).isSorted().doesNotHaveDuplicates();
      cohort.forEach(c -> drawn[c]++);
      squares += Math.pow(cohort.size() - 4, 2);
    }
    double deviation = Math.sqrt(5000 * 0.04 * 0.96);
    for (int count : drawn) {
      assertThat((double) count).isBetween(200 - 4.9 * deviation, 200 + 4.9 * deviation);
    }
    assertThat(squares / 5000).isBetween(3.4, 4.3); // 100·p·(1−p) = 3.84, ± 5 deviations
  }

  @Test
  void aClientAtTheCapStaysOut() {
    PoissonCohorts cohorts = new PoissonCohorts(5, 4, 2, RandomKey.root(3));
    int[] drawn = new int[5];
    for (int round = 0; round < 50; round++) {
      cohorts.next().forEach(c -> drawn[c]++);
    }
    assertThat(drawn).containsOnly(2);
    assertThat(cohorts.participationCap(50)).isEqualTo(2);
  }

  @Test
  void theNextMemberOfAMillionIsFoundWithoutVisitingThem() {
    PoissonCohorts cohorts = new PoissonCohorts(1_000_000, 50, 9, RandomKey.root(8));
    double total = 0;
    for (int round = 0; round < 200; round++) {
      total += cohorts.next().size();
    }
    assertThat(total).isBetween(10_000 - 442.0, 10_000 + 442.0); // 4.42 deviations
  }

  /** θ + Σ w(θ_k − θ), whoever came; the plain twin sums by hand. */
  @Test
  void sumsAreDividedByTheExpectedCohort() {
    for (int came : new int[] {0, 1, 5}) {
      double weight = 1.0 / 3;
      Cohort cohort = new PublicDenominator(cohort(came, weight), GLOBAL, 1 - came * weight);
      AdapterSet mean = GLOBAL.withTensors(FACTORS, cohort.weightedSum(new FactorMean(FACTORS)));
      for (int i = 0; i < LAYOUT.size(); i++) {
        double expected = GLOBAL.toArray()[i];
        for (int k = 0; k < came; k++) {
          expected += weight * (adapter(k).toArray()[i] - GLOBAL.toArray()[i]);
        }
        assertThat((double) mean.toArray()[i]).isCloseTo(expected, within(1e-6));
      }
    }
  }

  private static double[] moved(Cohort released) {
    AdapterSet next = GLOBAL.withTensors(FACTORS, released.weightedSum(new FactorMean(FACTORS)));
    double[] moved = new double[LAYOUT.size()];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = next.toArray()[i] - GLOBAL.toArray()[i];
    }
    return moved;
  }

  private static double norm(double[] v) {
    double sum = 0;
    for (double x : v) {
      sum += x * x;
    }
    return Math.sqrt(sum);
  }

  @Test
  void oneClientMovesTheCentralSumByAtMostTheClip() {
    double bound = 0.05;
    Release silent = new Release(new Clipper(bound), new GaussianNoiser(0, bound));
    CentralRelease central = new CentralRelease(silent, ALL, 1);
    double[] four = moved(central.noised(cohort(4, 1), GLOBAL, RandomKey.root(1)));
    double[] five = moved(central.noised(cohort(5, 1), GLOBAL, RandomKey.root(1)));
    double[] difference = new double[five.length];
    for (int i = 0; i < five.length; i++) {
      difference[i] = five[i] - four[i];
    }
    assertThat(norm(difference)).isBetween(bound * 0.999, bound + 1e-6);
  }

  @Test
  void theBytesOfACentralRoundDoNotTellThatNobodyCame() {
    Release silent = new Release(new Clipper(1), new GaussianNoiser(0, 1));
    long[] bytes = new long[2];
    for (int came : new int[] {0, 1}) {
      MeteredCohort metered = new MeteredCohort(cohort(came, 1), LAYOUT);
      new CentralRelease(silent, ALL, 1).noised(metered, GLOBAL, RandomKey.root(1));
      bytes[came] = metered.bytesUp();
    }
    assertThat(bytes[0]).isEqualTo(bytes[1]).isPositive();
  }

  @Test
  void anEmptyCohortIsReleasedAsNoiseAlone() {
    Release noisy = new Release(new Clipper(1), new GaussianNoiser(1, 1));
    double[] moved =
        moved(new CentralRelease(noisy, ALL, 4).noised(cohort(0, 1), GLOBAL, RandomKey.root(1)));
    assertThat(norm(moved)).isBetween(0.4, 2.5); // √22/4 = 1.17, χ with 22 degrees
  }

  @Test
  void secureCentralNoiseHasTheSameMean() {
    double bound = 0.05;
    Release plain = new Release(new Clipper(bound), new GaussianNoiser(0, bound));
    Release secure = new Release(new Clipper(bound), new DiscreteGaussianNoiser(1e-3, bound));
    double[] exact =
        moved(new CentralRelease(plain, ALL, 5).noised(cohort(5, 1), GLOBAL, SecretKey.fresh()));
    double[] noised =
        moved(new CentralRelease(secure, ALL, 5).noised(cohort(5, 1), GLOBAL, SecretKey.fresh()));
    for (int i = 0; i < exact.length; i++) {
      assertThat(noised[i]).isCloseTo(exact[i], within(7 * 1e-3 * bound / 5 + 1e-6));
    }
  }

  @Test
  void tensorsThatNobodyTrainsGetNoNoise() {
    ActiveTensors onlyB = ActiveTensors.of(LAYOUT, slot -> slot.role() == Role.B);
    Release noisy = new Release(new Clipper(1), new GaussianNoiser(1, 1));
    double[] moved =
        moved(new CentralRelease(noisy, onlyB, 4).noised(cohort(0, 1), GLOBAL, RandomKey.root(1)));
    for (TensorSlot slot : LAYOUT.slots()) {
      double[] part =
          java.util.Arrays.copyOfRange(moved, slot.offset(), slot.offset() + slot.size());
      assertThat(norm(part) > 0).isEqualTo(slot.role() == Role.B);
    }
  }
}
