package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lorica.federation.RoundContext;
import org.lorica.lora.LoraFactors;
import org.lorica.random.RandomKey;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RandomClients;
import org.lorica.testing.RandomClients.Share;

class FlexLoraTest {
  private static final int RANK = 4;

  /** Truncating the dense SVD is the oracle: FlexLoRA is the best that rank r allows. */
  @ParameterizedTest(name = "seed={0}")
  @MethodSource("org.lorica.testing.Seeds#twenty")
  void theResultIsTheTruncatedSvdOfTheDenseSum(long seed) {
    RandomClients clients = RandomClients.of(seed, 5, RANK, Share.OWN_A);
    RoundContext round = new RoundContext(2, RandomKey.root(seed), clients.first());
    List<LoraFactors> next = FlexLora.rebuilt(round, clients.cohort());
    for (int m = 0; m < next.size(); m++) {
      LinearAlgebra.Svd svd = LinearAlgebra.svd(clients.dense(m));
      double[] values = svd.values().toArray();
      Matrix best =
          svd.u()
              .firstColumns(RANK)
              .scaledColumns(values)
              .times(svd.vt().transpose().firstColumns(RANK).transpose());
      assertThat(RandomClients.relativeError(next.get(m).product(), best)).isLessThan(1e-8);
      assertThat(next.get(m).b().norm()).isEqualTo(next.get(m).a().norm(), within(1e-9));
    }
  }

  private static org.assertj.core.data.Offset<Double> within(double tolerance) {
    return org.assertj.core.data.Offset.offset(tolerance);
  }
}
