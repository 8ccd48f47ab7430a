package org.lorica.federation;

import java.io.Serializable;
import java.util.stream.IntStream;
import org.lorica.config.OptimizerConfig;
import org.lorica.config.RunConfig;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterSet;

/**
 * What every client of a round is told; broadcast once.
 *
 * @param round counted from 0
 */
public record LocalTask(int round, AdapterSet global, LocalPlan plan, Training training)
    implements Serializable {

  /** All tensors that the plan trains at any step. */
  ActiveTensors trained() {
    return ActiveTensors.of(
        global.layout(),
        slot ->
            IntStream.rangeClosed(1, training.steps()).anyMatch(step -> plan.trains(slot, step)));
  }

  /** What clients measure for diagnostics. */
  public enum Measured {
    NOTHING,
    /** How much of every step's change is the product of both factors' changes. */
    CROSS_TERMS
  }

  /**
   * Settings of local training.
   *
   * @param steps local steps τ a round
   * @param expectedBatch the public denominator b of every step's sum
   * @param microBatch examples that go through the model at once; bounds memory, changes no draw
   * @param measured what is measured beside
   */
  public record Training(
      int steps,
      double expectedBatch,
      int microBatch,
      ClientOptimizer.Settings optimizer,
      Measured measured)
      implements Serializable {

    /** As configured. */
    static Training of(RunConfig config) {
      OptimizerConfig o = config.optimizer();
      return new Training(
          config.federation().localSteps(),
          config.privacy().batches().expectedBatchSize(),
          config.federation().packing().microBatch(),
          new ClientOptimizer.Settings(
              ClientOptimizer.Kind.valueOf(o.kind().name()),
              o.learningRateA(),
              o.learningRateB(),
              o.learningRateHead()),
          config.diagnostics().wanted() ? Measured.CROSS_TERMS : Measured.NOTHING);
    }

    /** Training without measurements. */
    public Training(
        int steps, double expectedBatch, int microBatch, ClientOptimizer.Settings optimizer) {
      this(steps, expectedBatch, microBatch, optimizer, Measured.NOTHING);
    }

    public Training {
      if (steps <= 0) {
        throw new IllegalArgumentException("federation.local-steps must be > 0, got " + steps);
      }
      if (!(expectedBatch > 0)) {
        throw new IllegalArgumentException(
            "the expected batch size must be > 0, got " + expectedBatch);
      }
      if (microBatch <= 0) {
        throw new IllegalArgumentException("federation.micro-batch must be > 0, got " + microBatch);
      }
    }
  }
}
