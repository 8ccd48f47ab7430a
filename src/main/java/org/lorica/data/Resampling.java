package org.lorica.data;

import java.util.List;
import java.util.Locale;

/**
 * Image resizing as the Python Imaging Library does it for 8-bit pixels: a separable filter that
 * widens when shrinking (so it also smooths), coefficients rounded to 22 bits, each pass rounded to
 * 8 bits, columns before rows. The numbers are the library's own, which preprocessor_config.json
 * uses.
 */
enum Resampling {
  NEAREST(0, 0) {
    @Override
    double weight(double x) {
      return 0;
    }
  },
  LANCZOS(1, 3) {
    @Override
    double weight(double x) {
      return x < 3 ? sinc(x) * sinc(x / 3) : 0;
    }
  },
  BILINEAR(2, 1) {
    @Override
    double weight(double x) {
      return x < 1 ? 1 - x : 0;
    }
  },
  BICUBIC(3, 2) {
    @Override
    double weight(double x) {
      if (x < 1) {
        return (1.5 * x - 2.5) * x * x + 1; // Keys' kernel with a = −1/2
      }
      return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    }
  },
  BOX(4, 0.5) {
    @Override
    double weight(double x) {
      return x <= 0.5 ? 1 : 0;
    }
  },
  HAMMING(5, 1) {
    @Override
    double weight(double x) {
      return x < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x)) : 0;
    }
  };

  private static final int BITS = 22;

  private final int number;
  private final double support; // half width in pixels of the larger grid's spacing

  Resampling(int number, double support) {
    this.number = number;
    this.support = support;
  }

  /** The filter at a distance x >= 0. */
  abstract double weight(double x);

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  }

  /** By number (0 to 5) or by a name's first word. */
  static Resampling parse(String text) {
    String word = text.strip().split("\\s+", 2)[0].toUpperCase(Locale.ROOT);
    for (Resampling filter : values()) {
      if (filter.name().equals(word) || Integer.toString(filter.number).equals(word)) {
        return filter;
      }
    }
    throw new IllegalArgumentException(
        "resample must be 0 to 5 or one of " + List.of(values()) + ", got " + text);
  }

  /** Pixels of another size. */
  Pixels resize(Pixels from, int height, int width) {
    Pixels wide = along(from, width, Axis.COLUMNS);
    return along(wide, height, Axis.ROWS);
  }

  private enum Axis {
    COLUMNS,
    ROWS
  }

  private Pixels along(Pixels from, int size, Axis axis) {
    ImageShape shape = from.shape();
    int old = axis == Axis.COLUMNS ? shape.width() : shape.height();
    if (old == size) {
      return from;
    }
    ImageShape next =
        axis == Axis.COLUMNS
            ? new ImageShape(shape.channels(), shape.height(), size)
            : new ImageShape(shape.channels(), size, shape.width());
    byte[] source = from.bytes();
    byte[] target = new byte[next.size()];
    int step = axis == Axis.COLUMNS ? 1 : shape.width();
    int lines = axis == Axis.COLUMNS ? shape.height() : shape.width();
    for (int out = 0; out < size; out++) {
      Taps taps = taps(old, size, out);
      for (int c = 0; c < shape.channels(); c++) {
        for (int line = 0; line < lines; line++) {
          int start = c * shape.height() * shape.width();
          start += axis == Axis.COLUMNS ? line * shape.width() : line;
          int at = c * next.height() * next.width();
          at += axis == Axis.COLUMNS ? line * next.width() + out : out * next.width() + line;
          target[at] = (byte) taps.apply(source, start, step);
        }
      }
    }
    return new Pixels(next, target);
  }

  /** Which old pixels make one new pixel, and with what weights. */
  private Taps taps(int old, int size, int out) {
    double scale = (double) old / size;
    double center = (out + 0.5) * scale;
    if (this == NEAREST) {
      return new Taps((int) Math.floor(center), new int[] {1 << BITS});
    }
    double widening = Math.max(1, scale);
    double reach = support * widening;
    int first = Math.max(0, (int) (center - reach + 0.5));
    int last = Math.min(old, (int) (center + reach + 0.5));
    double[] weights = new double[last - first];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      double x = (first + i - center + 0.5) / widening;
      // The box is open on one side, so that a pixel on the border counts once.
      weights[i] = this == BOX && x == -0.5 ? 0 : weight(Math.abs(x));
      sum += weights[i];
    }
    int[] rounded = new int[weights.length];
    for (int i = 0; i < weights.length; i++) {
      rounded[i] = (int) Math.rint(weights[i] / sum * (1 << BITS));
    }
    return new Taps(first, rounded);
  }

  private static final class Taps {
    private final int first;
    private final int[] weights;

    Taps(int first, int[] weights) {
      this.first = first;
      this.weights = weights;
    }

    int apply(byte[] source, int start, int step) {
      int sum = 1 << (BITS - 1);
      for (int i = 0; i < weights.length; i++) {
        sum += weights[i] * (source[start + (first + i) * step] & 0xff);
      }
      return Math.max(0, Math.min(255, sum >> BITS));
    }
  }
}
