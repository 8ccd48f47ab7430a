package org.lorica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.assertj.core.data.Offset;

/** A fast kernel set beside its plain twin in float64, on contiguous and on strided views. */
public abstract class KernelPairs {
  protected static final long SEED = 20261121;
  protected static final float OUTSIDE = 777;
  protected static final Kernels PLAIN = new Nd4jKernels(Precision.FLOAT64);

  /** The set under test, in float32. */
  protected abstract Kernels fast();

  /** The same values in both precisions; a third of the cases are views into wider tensors. */
  protected final class Pair {
    private final Arena fastArena = fast().arena();
    private final Arena plainArena = new Arena(Precision.FLOAT64);
    private final Random random = new Random(SEED);
    private final List<Tensor> margins = new ArrayList<>();
    private final int padding;

    Pair(int padding) {
      this.padding = padding;
    }

    Tensor[] gaussian(int rows, int cols, double scale) {
      Tensor wide = fastArena.allocate(rows, cols + padding);
      float[] outside = new float[wide.size()];
      Arrays.fill(outside, OUTSIDE);
      wide.write(outside, 0);
      margins.add(wide.cols(0, padding / 2));
      margins.add(wide.cols(padding / 2 + cols, padding - padding / 2));
      Tensor fast = wide.cols(padding / 2, cols);
      Tensor plain = plainArena.allocate(rows, cols + padding).cols(padding / 2, cols);
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++) {
          float value = (float) (random.nextGaussian() * scale);
          fast.set(i, j, value);
          plain.set(i, j, value);
        }
      }
      return new Tensor[] {fast, plain};
    }

    void marginsAreUntouched() {
      for (Tensor margin : margins) {
        for (int i = 0; i < margin.rows(); i++) {
          for (int j = 0; j < margin.cols(); j++) {
            assertThat(margin.at(i, j)).isEqualTo(OUTSIDE);
          }
        }
      }
    }
  }

  protected static void same(Tensor[] pair, double tolerance) {
    for (int i = 0; i < pair[0].rows(); i++) {
      double scale = 1e-3;
      for (int j = 0; j < pair[0].cols(); j++) {
        scale = Math.max(scale, Math.abs(pair[1].at(i, j)));
      }
      for (int j = 0; j < pair[0].cols(); j++) {
        assertThat(pair[0].at(i, j))
            .as("[%d, %d]", i, j)
            .isCloseTo(pair[1].at(i, j), Offset.offset(tolerance * scale));
      }
    }
  }

  protected void both(BiConsumer<Kernels, Integer> operation) {
    operation.accept(fast(), 0);
    operation.accept(PLAIN, 1);
  }
}
