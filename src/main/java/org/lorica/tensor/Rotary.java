package org.lorica.tensor;

/**
 * Rotary position embedding (arXiv 2104.09864) in the half-split layout of Hugging Face's LLaMA:
 * within a head of width h, element j pairs with element j + h/2 and turns by the angle position ·
 * theta^(−2j/h).
 *
 * @param headWidth width h of one head, even
 * @param theta base of the angles, 10,000 by default in LLaMA
 * @param direction FORWARD turns by the angle; BACKWARD by its negative, which is also the
 *     gradient's way
 */
public record Rotary(int headWidth, double theta, Direction direction) {
  public Rotary {
    if (headWidth <= 0 || headWidth % 2 != 0) {
      throw new IllegalArgumentException("headWidth must be even and > 0, got " + headWidth);
    }
  }

  /** Which way to turn. */
  public enum Direction {
    FORWARD,
    BACKWARD
  }

  /** The inverse rotation, which is also its gradient. */
  public Rotary inverse() {
    return new Rotary(
        headWidth, theta, direction == Direction.FORWARD ? Direction.BACKWARD : Direction.FORWARD);
  }
}
