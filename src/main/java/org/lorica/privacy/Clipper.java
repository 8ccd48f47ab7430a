package org.lorica.privacy;

import java.io.Serializable;

/**
 * Per-example clip of the joint L2 norm.
 *
 * @param maxGradNorm C > 0; infinity means no clip, which only a run without a claim may have
 */
public record Clipper(double maxGradNorm) implements Serializable {
  public Clipper {
    if (!(maxGradNorm > 0)) {
      throw new IllegalArgumentException("maxGradNorm must be > 0, got " + maxGradNorm);
    }
  }

  /** min(1, C/norm); 0 for a gradient that is not finite, which then contributes nothing. */
  public double factor(double norm) {
    if (!Double.isFinite(norm)) {
      return 0;
    }
    return norm <= maxGradNorm ? 1 : maxGradNorm / norm;
  }

  /** L2 change of the clipped sum when one record is added or removed. */
  public double sensitivity() {
    return maxGradNorm;
  }
}
