package org.lorica.data;

import java.io.Serializable;

/** Channels and size of an image, in pixels. */
public record ImageShape(int channels, int height, int width) implements Serializable {
  public ImageShape {
    if (channels <= 0 || height <= 0 || width <= 0) {
      throw new IllegalArgumentException(
          "an image's channels, height and width must be > 0, got "
              + channels
              + " x "
              + height
              + " x "
              + width);
    }
  }

  /** Number of values. */
  public int size() {
    return Math.multiplyExact(Math.multiplyExact(channels, height), width);
  }

  @Override
  public String toString() {
    return channels + " x " + height + " x " + width;
  }
}
