package org.lorica.config;

import static org.lorica.config.Checks.atLeast;

import java.io.Serializable;

/**
 * lorica.diagnostics.{every, hessian-examples, hessian-iterations}: quantities of a simulation that
 * no ε covers.
 *
 * @param every rounds; 0 = never
 * @param hessianExamples held-out examples; 0 = no curvature
 */
public record DiagnosticsConfig(int every, int hessianExamples, int hessianIterations)
    implements Serializable {
  public DiagnosticsConfig {
    atLeast(0, "lorica.diagnostics.every", every);
    atLeast(0, "lorica.diagnostics.hessian-examples", hessianExamples);
    atLeast(1, "lorica.diagnostics.hessian-iterations", hessianIterations);
  }

  /** Whether this run is diagnosed at all. */
  public boolean wanted() {
    return every > 0;
  }

  /**
   * Whether a round is.
   *
   * @param round counted from 1
   */
  public boolean due(int round) {
    return wanted() && round % every == 0;
  }
}
