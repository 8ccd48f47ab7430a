package org.lorica.data;

/** 8-bit pixels of an image, channel by channel, each row by row. */
final class Pixels implements java.io.Serializable {
  private static final long serialVersionUID = 1L;

  private final ImageShape shape;
  private final byte[] values;

  /** Takes ownership of {@code values}. */
  Pixels(ImageShape shape, byte[] values) {
    if (values.length != shape.size()) {
      throw new IllegalArgumentException(
          "pixels of " + shape + " must be " + shape.size() + " bytes, got " + values.length);
    }
    this.shape = shape;
    this.values = values;
  }

  ImageShape shape() {
    return shape;
  }

  /** 0 to 255. */
  int at(int channel, int row, int col) {
    return values[(channel * shape.height() + row) * shape.width() + col] & 0xff;
  }

  /** The bytes themselves; not to be changed. */
  byte[] bytes() {
    return values;
  }

  /** Bytes held. */
  int size() {
    return values.length;
  }

  /** Rows [top, top + height) and columns [left, left + width); outside the image is 0. */
  Pixels crop(int top, int left, int height, int width) {
    byte[] cut = new byte[shape.channels() * height * width];
    for (int c = 0; c < shape.channels(); c++) {
      for (int i = Math.max(0, -top); i < height && top + i < shape.height(); i++) {
        for (int j = Math.max(0, -left); j < width && left + j < shape.width(); j++) {
          cut[(c * height + i) * width + j] = (byte) at(c, top + i, left + j);
        }
      }
    }
    return new Pixels(new ImageShape(shape.channels(), height, width), cut);
  }

  /** These pixels with another number of channels: see {@link ImageSource.Channels#CONVERT}. */
  Pixels converted(int channels) {
    int old = shape.channels();
    boolean toColour = channels == 3 && old != 3;
    boolean toGrey = channels == 1 && old != 1;
    if ((!toColour && !toGrey) || old > 4) {
      return this;
    }
    int plane = shape.height() * shape.width();
    byte[] next = new byte[channels * plane];
    boolean grey = old <= 2; // grey, or grey and alpha
    for (int i = 0; i < plane; i++) {
      if (toGrey) {
        next[i] = grey ? values[i] : (byte) luma(i, plane);
      } else {
        for (int c = 0; c < channels; c++) {
          next[c * plane + i] = values[grey ? i : c * plane + i];
        }
      }
    }
    return new Pixels(new ImageShape(channels, shape.height(), shape.width()), next);
  }

  /** ITU-R 601, in the Python Imaging Library's 16-bit arithmetic. */
  private int luma(int i, int plane) {
    int red = values[i] & 0xff;
    int green = values[plane + i] & 0xff;
    int blue = values[2 * plane + i] & 0xff;
    return (red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000) >> 16;
  }
}
