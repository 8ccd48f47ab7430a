package org.lorica.data;

/**
 * An image as a model reads it: floats after normalisation, channel by channel, each row by row.
 * Images from files keep their 8-bit pixels and are resized and normalised when they are read.
 */
public abstract sealed class Image implements Input permits FloatImage, PixelImage {
  private static final long serialVersionUID = 1L;

  Image() {}

  /**
   * An image of given values, for tests and callers with their own preprocessing; takes ownership.
   */
  public static Image of(ImageShape shape, float[] values) {
    return new FloatImage(shape, values);
  }

  /** Shape as the model reads it. */
  public abstract ImageShape shape();

  /** Writes {@code shape().size()} values to {@code target} starting at {@code from}. */
  public abstract void copyTo(float[] target, int from);

  @Override
  public String toString() {
    return "image " + shape();
  }
}
