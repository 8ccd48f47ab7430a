package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.random.RandomKey;
import org.lorica.sketch.FactorMean;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RandomClients;

class FedSvdTest {
  private static final int RANK = 4;
  private static final LocalPlan B_ONLY = LocalPlan.always(Set.of(Role.B));

  private static List<LoraFactors> split(RandomClients clients) {
    return FedSvd.split(
        clients.first().factors(), clients.cohort().weightedSum(new FactorMean(Set.of(Role.B))));
  }

  @ParameterizedTest(name = "seed={0}")
  @MethodSource("org.lorica.testing.Seeds#twenty")
  void theProductIsTheMeanOfTheClientsAndItsSingularValuesStandInB(long seed) {
    AdapterSet start = RandomClients.start(seed, RANK);
    RandomClients clients = RandomClients.drifted(start, B_ONLY, 1, 5, seed);
    List<LoraFactors> next = split(clients);
    for (int m = 0; m < next.size(); m++) {
      Matrix dense = clients.dense(m);
      assertThat(RandomClients.relativeError(next.get(m).product(), dense)).isLessThan(1e-10);
      assertOrthonormal(next.get(m).a());
      Matrix gram = next.get(m).b().transpose().times(next.get(m).b());
      double[] values = LinearAlgebra.svd(dense).values().toArray();
      for (int i = 0; i < RANK; i++) {
        for (int j = 0; j < RANK; j++) {
          double expected = i == j ? values[i] * values[i] : 0;
          assertThat(gram.at(i, j))
              .isCloseTo(expected, Offset.offset(1e-10 * values[0] * values[0]));
        }
      }
    }
  }

  /** Also where B̄ is zero or has lost a direction: nothing is re-seeded. */
  @Test
  void theRowSpaceOfANeverChanges() {
    AdapterSet start = RandomClients.start(3, RANK);
    float[] values = start.toArray();
    for (TensorSlot slot : start.layout().slots()) {
      for (int i = 0; slot.role() == Role.B && i < slot.size(); i++) {
        // the first module's B is zero, the second's has a zero first column
        values[slot.offset() + i] *= slot.offset() == 0 || i % RANK == 0 ? 0 : 1;
      }
    }
    AdapterSet client = AdapterSet.of(start.layout(), values);
    RoundContext round = new RoundContext(0, RandomKey.root(3), client);
    AdapterSet next = new FedSvd().aggregate(round, RandomClients.cohortOf(List.of(client)));
    for (int m = 0; m < 2; m++) {
      assertOrthonormalRows(next.factors().get(m).a(), 1e-6);
      assertThat(outside(next.factors().get(m).a(), start.factors().get(m).a())).isLessThan(1e-6);
    }
    assertThat(next.factors().get(0).b().norm()).isZero();
    assertThat(next.tensors(Set.of(Role.HEAD)).get(0).toArray())
        .isEqualTo(start.tensors(Set.of(Role.HEAD)).get(0).toArray());
  }

  /** Share of {@code a} that lies outside the row space of {@code basis}. */
  static double outside(Matrix a, Matrix basis) {
    Matrix q = LinearAlgebra.qr(basis.transpose()).q();
    return a.minus(a.times(q).times(q.transpose())).norm() / a.norm();
  }

  private static void assertOrthonormal(Matrix a) {
    assertOrthonormalRows(a, 1e-10);
  }

  private static void assertOrthonormalRows(Matrix a, double tolerance) {
    Matrix gram = a.times(a.transpose());
    for (int i = 0; i < gram.rows(); i++) {
      for (int j = 0; j < gram.cols(); j++) {
        assertThat(gram.at(i, j)).isCloseTo(i == j ? 1 : 0, Offset.offset(tolerance));
      }
    }
  }
}
