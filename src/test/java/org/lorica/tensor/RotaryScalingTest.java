package org.lorica.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RotaryScalingTest {
  private static final Offset<Double> ROUNDING = Offset.offset(1e-15);
  private static final RotaryScaling LLAMA3 = new RotaryScaling.Llama3(8, 1, 4, 8192);

  /** Radians a position of an angle that turns so many times in 8192 positions. */
  private static double turning(double times) {
    return times * 2 * Math.PI / 8192;
  }

  @Test
  void llama3DividesSlowAnglesLeavesFastOnesAndMixesWhatLiesBetween() {
    assertThat(LLAMA3.of(turning(0.5))).isCloseTo(turning(0.5) / 8, ROUNDING);
    assertThat(LLAMA3.of(turning(1))).isCloseTo(turning(1) / 8, ROUNDING);
    assertThat(LLAMA3.of(turning(2.5))).isCloseTo(turning(2.5) * (0.5 + 0.5 / 8), ROUNDING);
    assertThat(LLAMA3.of(turning(4))).isCloseTo(turning(4), ROUNDING);
    assertThat(LLAMA3.of(1)).isEqualTo(1);
  }

  @Test
  void linearDividesEveryAngleAndNoneLeavesThem() {
    assertThat(new RotaryScaling.Linear(4).of(0.1)).isEqualTo(0.025);
    assertThat(new Rotary(8, 16, Rotary.Direction.FORWARD).frequency(1)).isEqualTo(0.5);
  }

  @Test
  void bandsMustBeInOrder() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RotaryScaling.Llama3(8, 4, 4, 8192))
        .withMessage("fast must be > slow = 4.0, got 4.0");
  }
}
