package org.lorica.data;

import java.io.Serializable;
import java.util.Arrays;

/**
 * An image as it is stored, before decoding and preprocessing: an image file's bytes or bare
 * pixels. Ordered by its bytes, so that images can be put in an order that does not depend on where
 * they came from.
 */
public final class StoredImage implements Serializable, Comparable<StoredImage> {
  private static final long serialVersionUID = 1L;

  private final byte[] bytes;
  private final ImageShape shape; // null: the bytes are an image file

  private StoredImage(byte[] bytes, ImageShape shape) {
    this.bytes = bytes;
    this.shape = shape;
  }

  /** A whole JPEG, PNG, GIF or BMP file; takes ownership. */
  public static StoredImage ofFile(byte[] file) {
    return new StoredImage(file, null);
  }

  /**
   * 8-bit pixels as OpenCV and Spark's image source keep them: row by row, each pixel's channels
   * beside each other: grey, or blue, green, red, or blue, green, red, alpha.
   *
   * @throws IllegalArgumentException if the number of bytes is not that of the shape
   */
  public static StoredImage ofBlueGreenRed(ImageShape shape, byte[] interleaved) {
    if (interleaved.length != shape.size()) {
      throw new IllegalArgumentException(
          "pixels of " + shape + " must be " + shape.size() + " bytes, got " + interleaved.length);
    }
    int channels = shape.channels();
    int plane = shape.height() * shape.width();
    byte[] planes = new byte[interleaved.length];
    for (int c = 0; c < channels; c++) {
      int from = channels >= 3 && c < 3 ? 2 - c : c; // blue, green, red to red, green, blue
      for (int i = 0; i < plane; i++) {
        planes[c * plane + i] = interleaved[i * channels + from];
      }
    }
    return new StoredImage(planes, shape);
  }

  Pixels pixels() {
    return shape == null ? ImageFile.decode(bytes) : new Pixels(shape, bytes);
  }

  private String form() {
    return shape == null ? "" : shape.toString();
  }

  @Override
  public int compareTo(StoredImage other) {
    int byBytes = Arrays.compare(bytes, other.bytes);
    return byBytes != 0 ? byBytes : form().compareTo(other.form());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StoredImage image && compareTo(image) == 0;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return shape == null ? "image file of " + bytes.length + " bytes" : "pixels " + shape;
  }
}
