package org.lorica.data;

/**
 * An image held as 8-bit pixels: as stored in its file, or already resized where that is smaller.
 */
final class PixelImage extends Image {
  private static final long serialVersionUID = 1L;

  /** What the pixels are. */
  private enum Held {
    AS_STORED,
    RESIZED
  }

  private final Pixels pixels;
  private final Held held;
  private final ImageTransform transform;
  private final ImageShape shape;

  PixelImage(Pixels stored, ImageTransform transform) {
    this.transform = transform;
    this.shape = transform.shape(stored.shape());
    this.held = shape.size() <= stored.size() ? Held.RESIZED : Held.AS_STORED;
    this.pixels = held == Held.RESIZED ? transform.resized(stored) : stored;
  }

  @Override
  public ImageShape shape() {
    return shape;
  }

  @Override
  public void copyTo(float[] target, int from) {
    Pixels resized = held == Held.RESIZED ? pixels : transform.resized(pixels);
    transform.normalisation().apply(resized, target, from);
  }
}
