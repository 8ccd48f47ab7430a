package org.lorica.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lorica.tensor.Tensor;

/**
 * Swin's windows (arXiv 2103.14030): the grid of tokens is filled up to whole windows, rolled by
 * the shift, cut into windows, and put back together afterwards. A grid no larger than the window
 * is one window, without shift.
 */
final class Windows implements Neighbourhood {

  /**
   * Sizes in tokens.
   *
   * @param shift the roll, 0 or half a window
   */
  record Geometry(int rows, int cols, int window, int shift) {

    /** The layer's own window and shift, or one window where the grid is that small. */
    static Geometry of(int rows, int cols, int window, int shift) {
      int smaller = Math.min(rows, cols);
      return smaller <= window
          ? new Geometry(rows, cols, smaller, 0)
          : new Geometry(rows, cols, window, shift);
    }

    int down() {
      return (rows + window - 1) / window;
    }

    int across() {
      return (cols + window - 1) / window;
    }

    /** Windows of an image. */
    int count() {
      return down() * across();
    }

    /** Tokens of a window. */
    int area() {
      return window * window;
    }

    int tokens() {
      return rows * cols;
    }

    /** Which of the (up to nine) regions of the rolled grid a place belongs to. */
    int region(int row, int col) {
      return 3 * region(row, down() * window, 0) + region(col, across() * window, 0);
    }

    private int region(int place, int size, int first) {
      if (place < size - window) {
        return first;
      }
      return place < size - shift ? first + 1 : first + 2;
    }
  }

  private static final int NONE = -1;

  private final Geometry geometry;
  private final int[] tokens; // of an arranged row; NONE where the grid was filled up
  private final int[] rows; // of a token: its arranged row

  Windows(Geometry geometry) {
    this.geometry = geometry;
    this.tokens = new int[geometry.count() * geometry.area()];
    this.rows = new int[geometry.tokens()];
    int w = geometry.window();
    for (int row = 0; row < tokens.length; row++) {
      int window = row / geometry.area();
      int inside = row % geometry.area();
      int y = window / geometry.across() * w + inside / w;
      int x = window % geometry.across() * w + inside % w;
      int fromY = (y + geometry.shift()) % (geometry.down() * w);
      int fromX = (x + geometry.shift()) % (geometry.across() * w);
      boolean real = fromY < geometry.rows() && fromX < geometry.cols();
      tokens[row] = real ? fromY * geometry.cols() + fromX : NONE;
      if (real) {
        rows[tokens[row]] = row;
      }
    }
  }

  /** −100 where two tokens of a window come from parts that were not neighbours; null for none. */
  static List<float[]> masks(Geometry geometry) {
    List<float[]> masks = new ArrayList<>();
    for (int window = 0; window < geometry.count(); window++) {
      int[] region = new int[geometry.area()];
      for (int i = 0; i < region.length; i++) {
        int y = window / geometry.across() * geometry.window() + i / geometry.window();
        int x = window % geometry.across() * geometry.window() + i % geometry.window();
        region[i] = geometry.region(y, x);
      }
      boolean whole = Arrays.stream(region).allMatch(r -> r == region[0]);
      float[] mask = new float[region.length * region.length];
      for (int i = 0; i < mask.length; i++) {
        mask[i] = region[i / region.length] == region[i % region.length] ? 0 : -100;
      }
      masks.add(whole || geometry.shift() == 0 ? null : mask);
    }
    return masks;
  }

  @Override
  public Pass tokens(Pass pass) {
    return pass.over(RowRanges.equal(pass.batch().examples(), geometry.tokens()));
  }

  @Override
  public Pass arranged(Pass pass) {
    return pass.over(RowRanges.equal(pass.batch().examples(), tokens.length));
  }

  @Override
  public Pass groups(Pass pass) {
    int windows = pass.batch().examples() * geometry.count();
    return pass.over(RowRanges.equal(windows, geometry.area()));
  }

  @Override
  public Tensor arrange(Pass pass, Tensor x) {
    return Gather.rows(pass, x, tokens);
  }

  @Override
  public Tensor restore(Pass pass, Tensor x) {
    return Gather.rows(pass, x, rows);
  }
}
