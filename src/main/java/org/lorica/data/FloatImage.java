package org.lorica.data;

/** An image held as the values that the model reads. */
final class FloatImage extends Image {
  private static final long serialVersionUID = 1L;

  private final ImageShape shape;
  private final float[] values;

  FloatImage(ImageShape shape, float[] values) {
    if (values.length != shape.size()) {
      throw new IllegalArgumentException(
          "an image of " + shape + " must have " + shape.size() + " values, got " + values.length);
    }
    this.shape = shape;
    this.values = values;
  }

  @Override
  public ImageShape shape() {
    return shape;
  }

  @Override
  public void copyTo(float[] target, int from) {
    System.arraycopy(values, 0, target, from, values.length);
  }
}
