package org.lorica.model;

import java.util.List;
import org.lorica.data.Image;
import org.lorica.data.ImageShape;
import org.lorica.tensor.Tensor;

/**
 * Cuts images into patches and projects each: a convolution with stride = patch size, computed as
 * one product of patches (patches × channels·p·p) and weights. One worker's memory.
 */
final class PatchEmbedding {
  /**
   * The frozen projection, width × channels·p·p, and what it is applied to.
   *
   * @param patch side of a patch, in pixels
   */
  record Weights(Linear projection, ImageShape image, int patch) {
    Weights {
      if (image.height() % patch != 0 || image.width() % patch != 0) {
        throw new IllegalArgumentException(
            "an image's sides must be multiples of the patch size " + patch + ", got " + image);
      }
    }

    /** Reads {@code name.weight} (width × channels × p × p) and {@code name.bias}. */
    static Weights load(
        FrozenWeights weights, String name, ImageShape image, int patch, int width) {
      int inputs = image.channels() * patch * patch;
      List<Integer> shape = List.of(width, image.channels(), patch, patch);
      Tensor kernel = weights.matrix(name + ".weight", shape, width, inputs);
      Linear linear = new Linear(name, kernel, weights.vector(name + ".bias", width));
      return new Weights(linear, image, patch);
    }

    /** Patches in a column of them. */
    int rows() {
      return image.height() / patch;
    }

    /** Patches in a row of them. */
    int cols() {
      return image.width() / patch;
    }

    int count() {
      return rows() * cols();
    }
  }

  private final Weights weights;
  private final float[] pixels;
  private final float[] patches;

  PatchEmbedding(Weights weights) {
    this.weights = weights;
    this.pixels = new float[weights.image().size()];
    this.patches = new float[pixels.length];
  }

  /**
   * Writes the patches of one image, row by row of the image, to {@code rows} (patches × width).
   */
  void embed(Pass pass, Image image, Tensor rows) {
    image.copyTo(pixels, 0);
    int side = weights.patch();
    int width = weights.image().width();
    int plane = weights.image().height() * width;
    int at = 0;
    for (int top = 0; top < weights.image().height(); top += side) {
      for (int left = 0; left < width; left += side) {
        for (int c = 0; c < weights.image().channels(); c++) {
          for (int i = 0; i < side; i++) {
            System.arraycopy(pixels, c * plane + (top + i) * width + left, patches, at, side);
            at += side;
          }
        }
      }
    }
    Tensor unfolded = pass.allocate(weights.count(), weights.projection().in());
    unfolded.write(patches, 0);
    weights.projection().forward(pass.kernels(), unfolded, rows);
  }
}
