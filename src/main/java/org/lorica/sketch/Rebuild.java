package org.lorica.sketch;

import org.lorica.lora.LoraFactors;
import org.lorica.random.RandomKey;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.LinearAlgebra.Svd;
import org.lorica.tensor.Matrix;

/** From sketches back to factors of rank r. */
public final class Rebuild {
  /** A direction below this share of the greatest singular value is dead. */
  private static final double DEAD = 1e-6;

  private Rebuild() {}

  /** How the singular values are shared between the factors. */
  public enum Split {
    /** B = QU√Σ, A = √ΣVᵀ (FedASK). */
    BALANCED,
    /** B = QUΣ, A = Vᵀ, orthonormal rows (FedSVD, arXiv 2505.12805). */
    ORTHONORMAL
  }

  /**
   * Best rank-r factors of Q·core.
   *
   * <p>With the balanced split a direction with Σ_j ≈ 0 has zero gradient for ever; such directions
   * get a fresh orthonormal row in A and a zero column in B, which leaves the product as it is.
   *
   * @param q out × l, orthonormal columns
   * @param core Qᵀ·ΔW, l × in
   * @param rank r of the result; when l < r the missing directions are seeded like dead ones
   * @param reseed key of the fresh rows
   */
  public static LoraFactors factors(
      Matrix q, Matrix core, int rank, Split split, RandomKey reseed) {
    Svd svd = LinearAlgebra.svd(core);
    int kept = Math.min(rank, svd.values().count());
    double floor = kept == 0 ? 0 : DEAD * svd.values().at(0);
    int live = 0;
    while (live < kept && svd.values().at(live) > floor) {
      live++;
    }
    double[] left = new double[live];
    double[] right = new double[live];
    for (int j = 0; j < live; j++) {
      double sigma = svd.values().at(j);
      left[j] = split == Split.BALANCED ? Math.sqrt(sigma) : sigma;
      right[j] = split == Split.BALANCED ? Math.sqrt(sigma) : 1;
    }
    Matrix b = q.times(svd.u().firstColumns(live)).scaledColumns(left);
    Matrix vectors = svd.vt().transpose().firstColumns(live); // in × live
    Matrix a = vectors.scaledColumns(right).transpose();
    return live == rank
        ? new LoraFactors(b, a)
        : seedDead(b, a, vectors, new Seeding(rank, reseed));
  }

  private record Seeding(int rank, RandomKey key) {}

  private static LoraFactors seedDead(Matrix b, Matrix a, Matrix vectors, Seeding seeding) {
    int in = vectors.rows();
    int live = vectors.cols();
    int rank = seeding.rank();
    double[] basis = new double[in * rank];
    for (int i = 0; i < in; i++) {
      for (int j = 0; j < rank; j++) {
        basis[i * rank + j] =
            j < live ? vectors.at(i, j) : seeding.key().gaussian((long) i * rank + j);
      }
    }
    // QR keeps the span of the live directions in the first columns and makes the fresh ones
    // orthogonal to them.
    Matrix fresh = LinearAlgebra.qr(Matrix.of(in, rank, basis)).q();
    double scale = live > 0 ? a.norm() / Math.sqrt(live) : 1;
    double[] nextB = new double[b.rows() * rank];
    double[] nextA = new double[rank * in];
    for (int j = 0; j < rank; j++) {
      for (int i = 0; i < b.rows() && j < live; i++) {
        nextB[i * rank + j] = b.at(i, j);
      }
      for (int i = 0; i < in; i++) {
        nextA[j * in + i] = j < live ? a.at(j, i) : scale * fresh.at(i, j);
      }
    }
    return new LoraFactors(Matrix.of(b.rows(), rank, nextB), Matrix.of(rank, in, nextA));
  }
}
