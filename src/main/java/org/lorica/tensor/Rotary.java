package org.lorica.tensor;

/**
 * Rotary position embedding (arXiv 2104.09864) in the half-split layout of Hugging Face's LLaMA:
 * within a head of width h, element j pairs with element j + h/2 and turns by the angle position ·
 * theta^(−2j/h), if that frequency is not scaled.
 *
 * @param headWidth width h of one head, even
 * @param theta base of the angles, 10,000 by default in LLaMA
 * @param direction FORWARD turns by the angle; BACKWARD by its negative, which is also the
 *     gradient's way
 */
public record Rotary(int headWidth, double theta, RotaryScaling scaling, Direction direction) {
  public Rotary {
    if (headWidth <= 0 || headWidth % 2 != 0) {
      throw new IllegalArgumentException("headWidth must be even and > 0, got " + headWidth);
    }
  }

  /** Angles as they are. */
  public Rotary(int headWidth, double theta, Direction direction) {
    this(headWidth, theta, RotaryScaling.NONE, direction);
  }

  /** Which way to turn. */
  public enum Direction {
    FORWARD,
    BACKWARD
  }

  /** Radians a position by which element {@code pair} and its partner turn. */
  public double frequency(int pair) {
    return scaling.of(Math.pow(theta, -2.0 * pair / headWidth));
  }

  /** The inverse rotation, which is also its gradient. */
  public Rotary inverse() {
    return turning(direction == Direction.FORWARD ? Direction.BACKWARD : Direction.FORWARD);
  }

  /** The same angles, that way. */
  public Rotary turning(Direction way) {
    return new Rotary(headWidth, theta, scaling, way);
  }
}
