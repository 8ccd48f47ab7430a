package org.lorica.spark.ml;

import java.io.Serializable;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;
import scala.Function1;

/** Parameters of training: those of the estimator alone. */
public interface TrainingParams extends ScoringParams {

  /** The parameters themselves; made once by the constructor. */
  Training training();

  /** The column of classes. */
  default Param<String> labelCol() {
    return training().labelCol;
  }

  /** The column that names each row's client. */
  default Param<String> clientCol() {
    return training().clientCol;
  }

  /** Simulated clients, where no column names them. */
  default IntParam numClients() {
    return training().numClients;
  }

  /** Clients in a round. */
  default IntParam clientsPerRound() {
    return training().clientsPerRound;
  }

  /** Rounds of training. */
  default IntParam rounds() {
    return training().rounds;
  }

  /** Rank of the factors. */
  default IntParam rank() {
    return training().rank;
  }

  /** The federated method. */
  default Param<String> strategy() {
    return training().strategy;
  }

  /** Target ε in nats; infinite for no privacy. */
  default DoubleParam epsilon() {
    return training().epsilon;
  }

  /** δ. */
  default DoubleParam delta() {
    return training().delta;
  }

  /** Step size of local training. */
  default DoubleParam learningRate() {
    return training().learningRate;
  }

  /** Seed of every draw. */
  default LongParam seed() {
    return training().seed;
  }

  /** Any other setting, {@code key=value}; wins over the parameters. */
  default StringArrayParam settings() {
    return training().settings;
  }

  /** The parameters of one estimator. */
  final class Training implements Serializable {
    private static final long serialVersionUID = 1L;

    final Param<String> labelCol;
    final Param<String> clientCol;
    final IntParam numClients;
    final IntParam clientsPerRound;
    final IntParam rounds;
    final IntParam rank;
    final Param<String> strategy;
    final DoubleParam epsilon;
    final DoubleParam delta;
    final DoubleParam learningRate;
    final LongParam seed;
    final StringArrayParam settings;

    Training(Params owner) {
      labelCol = new Param<>(owner, "labelCol", "column of classes: whole numbers from 0");
      clientCol =
          new Param<>(owner, "clientCol", "column that names each row's client; unset = deal");
      numClients =
          positive(
              owner, "numClients", "simulated clients to deal rows to, without clientCol, > 0");
      clientsPerRound = positive(owner, "clientsPerRound", "clients in a round, > 0; unset = all");
      rounds = positive(owner, "rounds", "rounds of training, > 0");
      rank = positive(owner, "rank", "rank of the LoRA factors, > 0");
      strategy = new Param<>(owner, "strategy", "federated method, as strategy.name");
      epsilon =
          new DoubleParam(
              owner, "epsilon", "target epsilon in nats, > 0; Infinity = no privacy", gt(0));
      delta =
          new DoubleParam(
              owner,
              "delta",
              "failure probability, in (0, 1)",
              ParamValidators.inRange(0, 1, false, false));
      learningRate = new DoubleParam(owner, "learningRate", "step size, > 0", gt(0));
      seed = new LongParam(owner, "seed", "seed of every draw");
      settings = new StringArrayParam(owner, "settings", "key=value of any other setting");
      owner.setDefault(labelCol, "label");
      owner.setDefault(numClients, 10);
      owner.setDefault(rounds, 20);
      owner.setDefault(rank, 8);
      owner.setDefault(strategy, "fedask");
      owner.setDefault(epsilon, 8.0);
      owner.setDefault(delta, 1e-5);
      owner.setDefault(learningRate, 0.5);
      owner.setDefault(seed, 42L);
      owner.setDefault(settings, new String[0]);
    }

    private static IntParam positive(Params owner, String name, String doc) {
      return new IntParam(owner, name, doc, gt(0));
    }

    private static Function1<Object, Object> gt(double bound) {
      return ParamValidators.gt(bound);
    }
  }
}
