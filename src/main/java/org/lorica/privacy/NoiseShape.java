package org.lorica.privacy;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;

/**
 * How noise is coloured where the summed vector is a linear image of the clipped one. Clipped and
 * noised is V (rows × n); what is kept is V·Mᵀ (rows × r) with a public M (r × n). The noise N·Mᵀ
 * of N ~ N(0, (σC)²) has rows N(0, (σC)²·MMᵀ), so it is drawn as Z·Lᵀ with LLᵀ = MMᵀ and Z only
 * rows × r: the same distribution, and post-processing of the same Gaussian mechanism.
 *
 * @param blocks places of the vector with such noise; white noise everywhere else
 */
public record NoiseShape(List<Block> blocks) implements Serializable {
  /** The same noise on every value. */
  public static final NoiseShape WHITE = new NoiseShape(List.of());

  public NoiseShape {
    blocks = List.copyOf(blocks);
  }

  /**
   * A rows × r part of the vector, row by row.
   *
   * @param from where it starts
   * @param root L, r × r
   */
  public record Block(int from, int rows, Matrix root) implements Serializable {

    /** The block that is the image of a rows × n one under V → V·Mᵀ. */
    public static Block ofImage(int from, int rows, Matrix m) {
      // M = USVᵀ, so L = US: no square root of MMᵀ, which may be singular
      LinearAlgebra.Svd svd = LinearAlgebra.svd(m);
      return new Block(from, rows, svd.u().scaledColumns(svd.values().toArray()));
    }

    private void applyInPlace(double[] white) {
      int width = root.rows();
      double[] part = new double[rows * root.cols()];
      for (int i = 0; i < rows; i++) {
        System.arraycopy(white, from + i * width, part, i * root.cols(), root.cols());
      }
      double[] coloured = Matrix.of(rows, root.cols(), part).times(root.transpose()).toArray();
      System.arraycopy(coloured, 0, white, from, coloured.length);
    }
  }

  /** The blocks of images under maps, one after another from the start of the vector. */
  public static NoiseShape ofImages(List<Integer> rows, List<Matrix> maps) {
    List<Block> blocks = new ArrayList<>();
    int from = 0;
    for (int b = 0; b < maps.size(); b++) {
      blocks.add(Block.ofImage(from, rows.get(b), maps.get(b)));
      from += rows.get(b) * maps.get(b).rows();
    }
    return new NoiseShape(blocks);
  }

  /** Colours white noise. */
  void applyInPlace(double[] white) {
    blocks.forEach(block -> block.applyInPlace(white));
  }
}
