package org.lorica.config;

import static org.lorica.config.Checks.check;

import java.io.Serializable;

/** lorica.optimizer.{name, learning-rate-a, -b, -head (each defaults to learning-rate)}. */
public record OptimizerConfig(
    Kind kind, double learningRateA, double learningRateB, double learningRateHead)
    implements Serializable {
  public enum Kind {
    SGD,
    ADAMW
  }

  public OptimizerConfig {
    rate("lorica.optimizer.learning-rate-a", learningRateA);
    rate("lorica.optimizer.learning-rate-b", learningRateB);
    rate("lorica.optimizer.learning-rate-head", learningRateHead);
  }

  /** Zero is allowed: it freezes a factor. */
  static void rate(String key, double found) {
    check(found >= 0 && Double.isFinite(found), key, ">= 0 and finite", found);
  }
}
