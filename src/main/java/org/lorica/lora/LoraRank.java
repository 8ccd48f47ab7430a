package org.lorica.lora;

import java.io.Serializable;

/**
 * Rank and scale of one module's factors.
 *
 * @param rank r: B is out × r, A is r × in
 * @param scaling s in y = W x + s·B(A x): alpha/r, or alpha/√r for rank-stabilised LoRA (arXiv
 *     2312.03732)
 */
public record LoraRank(int rank, double scaling) implements Serializable {
  public LoraRank {
    if (rank <= 0) {
      throw new IllegalArgumentException("rank must be > 0, got " + rank);
    }
  }
}
