package org.lorica.config;

import static org.lorica.config.Checks.atLeast;
import static org.lorica.config.Checks.positive;

import java.io.Serializable;

/**
 * lorica.federation.{rounds, clients-per-round, participation, local-steps, weights, min-clients,
 * evaluate-every, engine, clients-per-partition, lanes, partitions (0 = by clients-per-partition),
 * tree-depth (0 = by the payload), micro-batch, overlap-evaluation}.
 */
public record FederationConfig(
    int rounds,
    int clientsPerRound,
    Participation participation,
    int localSteps,
    Weights weights,
    int minClients,
    int evaluateEvery,
    Engine engine,
    Packing packing)
    implements Serializable {
  public enum Participation {
    ROUND_ROBIN,
    POISSON
  }

  public enum Weights {
    UNIFORM,
    EXAMPLES
  }

  public enum Engine {
    SPARK,
    LOCAL
  }

  public record Packing(
      int clientsPerPartition,
      int lanes,
      int partitions,
      int treeDepth,
      int microBatch,
      Overlap overlapEvaluation)
      implements Serializable {
    public Packing {
      atLeast(0, "lorica.federation.clients-per-partition", clientsPerPartition);
      positive("lorica.federation.lanes", lanes);
      atLeast(0, "lorica.federation.partitions", partitions);
      atLeast(0, "lorica.federation.tree-depth", treeDepth);
      positive("lorica.federation.micro-batch", microBatch);
    }
  }

  public FederationConfig {
    positive("lorica.federation.rounds", rounds);
    positive("lorica.federation.clients-per-round", clientsPerRound);
    positive("lorica.federation.local-steps", localSteps);
    atLeast(0, "lorica.federation.min-clients", minClients);
    atLeast(0, "lorica.federation.evaluate-every", evaluateEvery);
  }
}
