package org.lorica.testing;

import java.nio.file.Path;
import org.apache.commons.math3.special.Erf;
import org.lorica.data.Image;
import org.lorica.data.SafeTensors;

/**
 * Swin as the paper says it (arXiv 2103.14030), one number at a time in double precision: the plain
 * twin of the model's own. Tokens stand in a grid [row][column][channel].
 */
public final class LoopSwin {
  private static final double EPSILON = 1e-5; // of the norms that layer_norm_eps does not reach

  private final SafeTensors weights;
  private final int window;
  private final double epsilon;

  /** A stored model with windows of a side and its {@code layer_norm_eps}. */
  public LoopSwin(Path folder, int window, double epsilon) {
    this.weights = SafeTensors.open(folder.resolve("model.safetensors"));
    this.window = window;
    this.epsilon = epsilon;
  }

  /** Logits of an image, for stages of the given numbers of layers and heads. */
  public double[] logits(Image image, int patch, int[] depths, int[] heads) {
    double[][][] x = embed(image, patch);
    for (int stage = 0; stage < depths.length; stage++) {
      String name = "swin.encoder.layers." + stage + ".";
      for (int i = 0; i < depths[stage]; i++) {
        boolean small = Math.min(x.length, x[0].length) <= window;
        int shift = small || i % 2 == 0 ? 0 : window / 2;
        int w = small ? Math.min(x.length, x[0].length) : window;
        x = layer(x, name + "blocks." + i + ".", new int[] {w, shift, heads[stage]});
      }
      if (stage < depths.length - 1) {
        x = merge(x, name + "downsample.");
      }
    }
    double[] mean = new double[x[0][0].length];
    for (double[][] row : x) {
      for (double[] token : row) {
        double[] normed = norm(token, "swin.layernorm", epsilon);
        for (int k = 0; k < mean.length; k++) {
          mean[k] += normed[k] / (x.length * x[0].length);
        }
      }
    }
    return linear(mean, "classifier");
  }

  private double[][][] embed(Image image, int patch) {
    int channels = image.shape().channels();
    int height = image.shape().height();
    int width = image.shape().width();
    float[] pixels = new float[image.shape().size()];
    image.copyTo(pixels, 0);
    String name = "swin.embeddings.patch_embeddings.projection";
    float[] kernel = weights.floats(name + ".weight");
    float[] bias = weights.floats(name + ".bias");
    double[][][] x = new double[height / patch][width / patch][];
    for (int r = 0; r < x.length; r++) {
      for (int q = 0; q < x[0].length; q++) {
        double[] sums = new double[bias.length];
        for (int o = 0; o < bias.length; o++) {
          sums[o] = bias[o];
          for (int c = 0; c < channels; c++) {
            for (int i = 0; i < patch; i++) {
              for (int j = 0; j < patch; j++) {
                double pixel = pixels[(c * height + r * patch + i) * width + q * patch + j];
                sums[o] += pixel * kernel[((o * channels + c) * patch + i) * patch + j];
              }
            }
          }
        }
        x[r][q] = norm(sums, "swin.embeddings.norm", EPSILON);
        if (weights.names().contains("swin.embeddings.position_embeddings")) {
          float[] positions = weights.floats("swin.embeddings.position_embeddings");
          for (int k = 0; k < sums.length; k++) {
            x[r][q][k] += positions[(r * x[0].length + q) * sums.length + k];
          }
        }
      }
    }
    return x;
  }

  /** how: window, shift, heads. */
  private double[][][] layer(double[][][] x, String name, int[] how) {
    double[][][] mixed = attention(x, name, how);
    double[][][] y = new double[x.length][x[0].length][];
    for (int r = 0; r < x.length; r++) {
      for (int q = 0; q < x[0].length; q++) {
        double[] middle = sum(x[r][q], mixed[r][q]);
        double[] raised =
            linear(norm(middle, name + "layernorm_after", epsilon), name + "intermediate.dense");
        for (int k = 0; k < raised.length; k++) {
          raised[k] = raised[k] * 0.5 * (1 + Erf.erf(raised[k] / Math.sqrt(2)));
        }
        y[r][q] = sum(middle, linear(raised, name + "output.dense"));
      }
    }
    return y;
  }

  private double[][][] attention(double[][][] x, String name, int[] how) {
    int w = how[0];
    int rows = (x.length + w - 1) / w * w;
    int cols = (x[0].length + w - 1) / w * w;
    double[][][] result = new double[x.length][x[0].length][];
    for (int r = 0; r < x.length; r++) {
      for (int q = 0; q < x[0].length; q++) {
        // Where this token stands after the roll, and its window's upper left corner.
        int row = Math.floorMod(r - how[1], rows);
        int col = Math.floorMod(q - how[1], cols);
        double[][] window = new double[w * w][];
        double[][] bias = new double[w * w][how[2]];
        for (int i = 0; i < w; i++) {
          for (int j = 0; j < w; j++) {
            int otherRow = row / w * w + i;
            int otherCol = col / w * w + j;
            int fromRow = (otherRow + how[1]) % rows;
            int fromCol = (otherCol + how[1]) % cols;
            boolean filler = fromRow >= x.length || fromCol >= x[0].length;
            window[i * w + j] =
                filler
                    ? new double[x[0][0].length]
                    : norm(x[fromRow][fromCol], name + "layernorm_before", epsilon);
            bias[i * w + j] = bias(name, row % w - i, col % w - j, how[2]);
            // Rows and columns that came round from the other side are strangers to the others.
            boolean strangers =
                (row >= rows - how[1]) != (otherRow >= rows - how[1])
                    || (col >= cols - how[1]) != (otherCol >= cols - how[1]);
            for (int h = 0; h < how[2] && how[1] > 0 && strangers; h++) {
              bias[i * w + j][h] -= 100;
            }
          }
        }
        double[] own = norm(x[r][q], name + "layernorm_before", epsilon);
        result[r][q] = linear(attend(own, window, bias, name), name + "attention.output.dense");
      }
    }
    return result;
  }

  private double[] attend(double[] own, double[][] window, double[][] bias, String name) {
    int heads = bias[0].length;
    int width = own.length / heads;
    double[] query = linear(own, name + "attention.self.query");
    double[] context = new double[own.length];
    for (int h = 0; h < heads; h++) {
      double[] scores = new double[window.length];
      double total = 0;
      for (int t = 0; t < window.length; t++) {
        double[] key = linear(window[t], name + "attention.self.key");
        for (int k = h * width; k < (h + 1) * width; k++) {
          scores[t] += query[k] * key[k] / Math.sqrt(width);
        }
        scores[t] = Math.exp(scores[t] + bias[t][h]);
        total += scores[t];
      }
      for (int t = 0; t < window.length; t++) {
        double[] value = linear(window[t], name + "attention.self.value");
        for (int k = h * width; k < (h + 1) * width; k++) {
          context[k] += scores[t] / total * value[k];
        }
      }
    }
    return context;
  }

  private double[] bias(String name, int down, int right, int heads) {
    float[] table = weights.floats(name + "attention.self.relative_position_bias_table");
    double[] bias = new double[heads];
    int row = (down + window - 1) * (2 * window - 1) + right + window - 1;
    for (int h = 0; h < heads; h++) {
      bias[h] = table[row * heads + h];
    }
    return bias;
  }

  private double[][][] merge(double[][][] x, String name) {
    int width = x[0][0].length;
    double[][][] y = new double[(x.length + 1) / 2][(x[0].length + 1) / 2][];
    for (int r = 0; r < y.length; r++) {
      for (int q = 0; q < y[0].length; q++) {
        double[] four = new double[4 * width];
        for (int n = 0; n < 4; n++) {
          int fromRow = 2 * r + n % 2;
          int fromCol = 2 * q + n / 2;
          if (fromRow < x.length && fromCol < x[0].length) {
            System.arraycopy(x[fromRow][fromCol], 0, four, n * width, width);
          }
        }
        y[r][q] = linear(norm(four, name + "norm", EPSILON), name + "reduction");
      }
    }
    return y;
  }

  private double[] linear(double[] x, String name) {
    float[] matrix = weights.floats(name + ".weight");
    double[] y = new double[matrix.length / x.length];
    boolean biased = weights.names().contains(name + ".bias");
    float[] bias = biased ? weights.floats(name + ".bias") : new float[y.length];
    for (int o = 0; o < y.length; o++) {
      y[o] = bias[o];
      for (int i = 0; i < x.length; i++) {
        y[o] += matrix[o * x.length + i] * x[i];
      }
    }
    return y;
  }

  private double[] norm(double[] x, String name, double epsilon) {
    float[] gamma = weights.floats(name + ".weight");
    float[] beta = weights.floats(name + ".bias");
    double mean = 0;
    for (double v : x) {
      mean += v / x.length;
    }
    double variance = 0;
    for (double v : x) {
      variance += (v - mean) * (v - mean) / x.length;
    }
    double[] y = new double[x.length];
    for (int k = 0; k < x.length; k++) {
      y[k] = gamma[k] * (x[k] - mean) / Math.sqrt(variance + epsilon) + beta[k];
    }
    return y;
  }

  private static double[] sum(double[] a, double[] b) {
    double[] c = a.clone();
    for (int k = 0; k < c.length; k++) {
      c[k] += b[k];
    }
    return c;
  }
}
