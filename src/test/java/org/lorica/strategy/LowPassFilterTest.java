package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;
import org.lorica.tensor.Matrix;

class LowPassFilterTest {
  private static final LoraFactors UNUSED = new LoraFactors(Matrix.zeros(1, 1), Matrix.zeros(1, 1));

  private static Matrix noise(int rows, int cols) {
    double[] values = new double[rows * cols];
    RandomKey.root(8).with(Purpose.CANARY).addGaussiansInPlace(1, values);
    return Matrix.of(rows, cols, values);
  }

  private static Matrix filtered(Role role, Matrix gradient) {
    return new LowPassFilter().apply(role, gradient, UNUSED, 1);
  }

  /** The plain twin: pad by mirroring step by step, then the kernel as the paper writes it. */
  private static List<Double> twin(List<Double> signal) {
    int n = signal.size();
    List<Double> endless = new ArrayList<>();
    while (endless.size() < n + 4) { // … forwards, backwards, forwards: half-sample symmetric
      endless.addAll(signal);
      for (int i = n - 1; i >= 0; i--) {
        endless.add(signal.get(i));
      }
    }
    List<Double> smooth = new ArrayList<>();
    for (int j = 0; j < n; j++) {
      double[] five = new double[5];
      for (int k = -2; k <= 2; k++) {
        int at = j + k;
        five[k + 2] = endless.get(at >= 0 ? at : -1 - at); // left of 0 the same mirror
      }
      smooth.add((five[0] + 4 * five[1] + 6 * five[2] + 4 * five[3] + five[4]) / 16);
    }
    return smooth;
  }

  @ParameterizedTest(name = "{0} features")
  @ValueSource(ints = {1, 2, 3, 5, 17})
  void rowsOfAAndColumnsOfBAreFilteredAndTheRankNeverIs(int features) {
    Matrix a = noise(3, features);
    Matrix smoothA = filtered(Role.A, a);
    Matrix smoothB = filtered(Role.B, a.transpose());
    for (int i = 0; i < 3; i++) {
      List<Double> row = new ArrayList<>();
      for (int j = 0; j < features; j++) {
        row.add(a.at(i, j));
      }
      List<Double> expected = twin(row);
      for (int j = 0; j < features; j++) {
        assertThat(smoothA.at(i, j)).isCloseTo(expected.get(j), Offset.offset(1e-14));
        assertThat(smoothB.at(j, i)).isCloseTo(expected.get(j), Offset.offset(1e-14));
      }
    }
  }

  /** 80,000 values, at most 16 % correlated pairs: the tolerance is about five deviations. */
  @Test
  void whiteNoiseKeeps70Of256OfItsVariance() {
    Matrix smooth = filtered(Role.A, noise(200, 404));
    double energy = 0;
    for (int i = 0; i < 200; i++) {
      for (int j = 2; j < 402; j++) {
        energy += smooth.at(i, j) * smooth.at(i, j);
      }
    }
    assertThat(energy / (200 * 400)).isCloseTo(70.0 / 256, Offset.offset(0.035 * 70 / 256));
  }

  @Test
  void anImpulseKeepsItsSumAndSpreadsToThePowerOf70Over256() {
    double[] impulse = new double[11];
    impulse[5] = 1;
    Matrix smooth = filtered(Role.A, Matrix.of(1, 11, impulse));
    assertThat(smooth.norm() * smooth.norm()).isCloseTo(70.0 / 256, Offset.offset(1e-15));
    impulse[5] = 0;
    impulse[0] = 1;
    double sum = 0;
    for (double v : filtered(Role.A, Matrix.of(1, 11, impulse)).toArray()) {
      sum += v;
    }
    assertThat(sum).isEqualTo(1);
  }
}
