package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RandomClients;

class PreconditionerTest {
  private static final double S = 1.7;
  private static final double LAMBDA = 0.3;

  /** Multiplied back by s²(AAᵀ + λI), or s²(BᵀB + λI), the gradient returns. */
  @ParameterizedTest(name = "seed={0}")
  @MethodSource("org.lorica.testing.Seeds#twenty")
  void theResultSolvesTheDampedSystem(long seed) {
    LoraFactors present = RandomClients.start(seed, 4).factors().get(0);
    LoraFactors gradient = RandomClients.start(seed + 100, 4).factors().get(0);
    Preconditioner preconditioner = new Preconditioner(LAMBDA);
    Matrix b = preconditioner.apply(Role.B, gradient.b(), present, S);
    Matrix a = preconditioner.apply(Role.A, gradient.a(), present, S);
    Matrix gramA = damped(present.a().times(present.a().transpose()));
    Matrix gramB = damped(present.b().transpose().times(present.b()));
    assertThat(RandomClients.relativeError(b.times(gramA), gradient.b())).isLessThan(1e-11);
    assertThat(RandomClients.relativeError(gramB.times(a), gradient.a())).isLessThan(1e-11);
  }

  private static Matrix damped(Matrix gram) {
    double[] values = gram.toArray();
    for (int i = 0; i < gram.rows(); i++) {
      values[i * gram.cols() + i] += LAMBDA;
    }
    return Matrix.of(gram.rows(), gram.cols(), values).scaled(S * S);
  }

  /** As at the first round: the gradient grows by 1/(λs²) and stays finite. */
  @Test
  void aZeroFactorIsHeldByTheDamping() {
    LoraFactors zero = new LoraFactors(Matrix.zeros(6, 2), Matrix.zeros(2, 5));
    Matrix gradient = Matrix.of(2, 5, new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    Matrix next = new Preconditioner(LAMBDA).apply(Role.A, gradient, zero, S);
    assertThat(RandomClients.relativeError(next, gradient.scaled(1 / (LAMBDA * S * S))))
        .isLessThan(1e-12);
    assertThatThrownBy(() -> new Preconditioner(0)).hasMessageContaining("strategy.damping");
  }
}
