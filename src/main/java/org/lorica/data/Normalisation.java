package org.lorica.data;

import java.io.Serializable;
import java.util.List;

/**
 * From 8-bit pixels to a model's values: (pixel · rescale − mean) / deviation, channel by channel.
 *
 * @param mean one a channel; empty for 0
 * @param deviation one a channel, > 0; empty for 1
 */
public record Normalisation(double rescale, List<Double> mean, List<Double> deviation)
    implements Serializable {
  private static final int LEVELS = 256;

  public Normalisation {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.size() != deviation.size()) {
      throw new IllegalArgumentException(
          "image_mean and image_std must have as many values, got " + mean + " and " + deviation);
    }
    for (double d : deviation) {
      if (!(d > 0)) {
        throw new IllegalArgumentException("image_std must be > 0, got " + deviation);
      }
    }
  }

  void apply(Pixels pixels, float[] target, int from) {
    int channels = pixels.shape().channels();
    int plane = pixels.shape().height() * pixels.shape().width();
    byte[] bytes = pixels.bytes();
    float[] value = new float[LEVELS];
    for (int c = 0; c < channels; c++) {
      double shift = mean.isEmpty() ? 0 : mean.get(Math.min(c, mean.size() - 1));
      double scale = deviation.isEmpty() ? 1 : deviation.get(Math.min(c, deviation.size() - 1));
      for (int level = 0; level < LEVELS; level++) {
        value[level] = (float) ((level * rescale - shift) / scale);
      }
      for (int i = c * plane; i < (c + 1) * plane; i++) {
        target[from + i] = value[bytes[i] & 0xff];
      }
    }
  }

  /** Refuses another number of channels; a single mean serves all. */
  void requireChannels(int channels) {
    if (mean.size() > 1 && mean.size() != channels) {
      throw new IllegalArgumentException(
          "image_mean must have " + channels + " values, one a channel, got " + mean);
    }
  }
}
