package org.lorica.config;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Everything a run is told, checked once. Key names and defaults: {@code reference.conf}. */
public record RunConfig(
    General general,
    ModelConfig model,
    LoraConfig lora,
    DataConfig data,
    ClientsConfig clients,
    FederationConfig federation,
    StrategyConfig strategy,
    OptimizerConfig optimizer,
    PrivacyConfig privacy)
    implements Serializable {

  /** lorica.name, lorica.seed, lorica.out. */
  public record General(String name, long seed, String out) implements Serializable {}

  /** lorica.model.{path, head = frozen|trained, max-length (tokens)}. */
  public record ModelConfig(String path, Head head, int maxLength) implements Serializable {
    public enum Head {
      FROZEN,
      TRAINED
    }
  }

  /**
   * lorica.lora.{rank, alpha, rank-stabilized, target-modules, init ("" or a PEFT adapter folder:
   * key lorica.adapter.init)}.
   */
  public record LoraConfig(
      int rank, double alpha, Scaling scaling, List<String> targetModules, Optional<String> init)
      implements Serializable {
    public enum Scaling {
      STANDARD,
      RANK_STABILIZED
    }
  }

  /**
   * lorica.data.{source, train, test, test-fraction, text-column, label-column, max-examples,
   * languages}.
   */
  public record DataConfig(
      Source source,
      String train,
      Optional<String> test,
      double testFraction,
      int maxTestExamples,
      List<String> languages)
      implements Serializable {
    public enum Source {
      JDK_LOCALE_NAMES,
      TSV,
      JSONL,
      ROLES
    }
  }

  /**
   * lorica.clients.{count (0 = as many as there are natural clients), partitioner, dirichlet-alpha,
   * min-examples, max-examples}.
   */
  public record ClientsConfig(
      int count, Partitioner partitioner, double dirichletAlpha, int minExamples, int maxExamples)
      implements Serializable {
    public enum Partitioner {
      IID,
      DIRICHLET,
      NATURAL
    }
  }

  /**
   * lorica.federation.{rounds, clients-per-round, local-steps, weights, evaluate-every, runtime,
   * clients-per-partition, partitions (0 = by clients-per-partition), tree-depth, micro-batch}.
   */
  public record FederationConfig(
      int rounds,
      int clientsPerRound,
      int localSteps,
      Weights weights,
      int evaluateEvery,
      Engine engine,
      Packing packing)
      implements Serializable {
    public enum Weights {
      UNIFORM,
      EXAMPLES
    }

    public enum Engine {
      SPARK,
      LOCAL
    }

    public record Packing(int clientsPerPartition, int partitions, int treeDepth, int microBatch)
        implements Serializable {}
  }

  /**
   * lorica.strategy.{name, oversampling, power-iterations, split, aggregation}; empty = the
   * strategy's own default.
   */
  public record StrategyConfig(
      String name,
      Optional<Integer> oversampling,
      Optional<Integer> powerIterations,
      Split split,
      Aggregation aggregation)
      implements Serializable {
    public enum Split {
      BALANCED,
      ORTHONORMAL
    }

    public enum Aggregation {
      TWO_STAGE,
      CORE
    }
  }

  /**
   * lorica.optimizer.{name = sgd, learning-rate, learning-rate-a, learning-rate-b (both default to
   * learning-rate)}.
   */
  public record OptimizerConfig(
      Kind kind, double learningRateA, double learningRateB, double learningRateHead)
      implements Serializable {
    public enum Kind {
      SGD,
      ADAMW
    }
  }

  /**
   * lorica.privacy.{mode, epsilon | noise-multiplier, delta, max-grad-norm, sampling-probability |
   * expected-batch-size, participation-cap}.
   */
  public record PrivacyConfig(
      Mode mode,
      OptionalDouble epsilon,
      OptionalDouble noiseMultiplier,
      double delta,
      double maxGradNorm,
      OptionalDouble samplingProbability,
      int expectedBatchSize)
      implements Serializable {
    /** RECORD: record-level DP. NONE: no noise and no claim. */
    public enum Mode {
      RECORD,
      NONE
    }
  }
}
