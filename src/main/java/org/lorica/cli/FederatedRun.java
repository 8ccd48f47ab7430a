package org.lorica.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.lorica.config.FederationConfig;
import org.lorica.config.LoadedConfig;
import org.lorica.config.RunConfig;
import org.lorica.federation.ClientPool;
import org.lorica.federation.Evaluation;
import org.lorica.federation.Evaluator;
import org.lorica.federation.Federation;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.LocalCohort;
import org.lorica.federation.RoundListener;
import org.lorica.federation.Strategy;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterSet;
import org.lorica.random.RandomKey;
import org.lorica.report.PrivacyStatement;
import org.lorica.report.RoundRecord;
import org.lorica.spark.SparkCohort;
import org.lorica.spark.SparkHeldOut;
import org.lorica.strategy.Strategies;

/**
 * One federated training inside a running application, without files and console: what a cell of a
 * grid does.
 *
 * @param before of the untrained adapter
 * @param after of the last round
 */
record FederatedRun(
    AdapterSet adapter,
    Evaluation before,
    Evaluation after,
    List<RoundRecord> rounds,
    PrivacyStatement privacy) {

  /** Name of the figure that is there, as 1, where ε leaves the selection of factors out. */
  static final String SELECTION_NOT_COVERED = "epsilon-leaves-selection-out";

  FederatedRun {
    rounds = List.copyOf(rounds);
  }

  /**
   * Trains as a configuration says, on Spark or in threads of this JVM.
   *
   * @param listeners told of every round
   */
  static FederatedRun of(
      LoadedConfig loaded, JavaSparkContext context, List<RoundListener> listeners) {
    RunConfig config = loaded.run();
    Strategy strategy = Strategies.of(config);
    Workbench workbench = Workbench.shared(loaded.resolvedHocon());
    try {
      int threads = Runtime.getRuntime().availableProcessors();
      ClientPool pool =
          config.federation().engine() == FederationConfig.Engine.LOCAL
              ? LocalCohort.pool(workbench, threads, config.federation().packing().lanes())
              : SparkCohort.pool(context, loaded);
      FederationPrivacy privacy = FederationPrivacy.of(config, workbench.population().clients());
      AdapterSet start = workbench.initialAdapter(RandomKey.root(config.general().seed()));
      Evaluator evaluator = new Evaluator(workbench, threads);
      Evaluation[] evaluations = {evaluator.evaluate(start, workbench.population().test()), null};
      privacy.calibrate(workbench.population());
      List<RoundRecord> rounds = new ArrayList<>();
      List<RoundListener> all = new ArrayList<>(listeners);
      all.add(
          result -> {
            rounds.add(RoundRecords.of(config, result));
            result.evaluation().ifPresent(e -> evaluations[1] = e);
          });
      AdapterSet adapter =
          new Federation(config, workbench, strategy, privacy, all)
              .run(
                  pool,
                  start,
                  config.federation().engine() == FederationConfig.Engine.LOCAL
                      ? evaluator
                      : SparkHeldOut.on(context, loaded));
      PrivacyStatement statement =
          Statements.of(privacy, workbench.population(), config.federation().rounds());
      return new FederatedRun(adapter, evaluations[0], evaluations[1], rounds, statement);
    } finally {
      Workbench.release(loaded.resolvedHocon());
    }
  }

  /**
   * The numbers that a results table shows: held-out figures, ε, seconds and bytes of all rounds.
   */
  Map<String, Double> figures() {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("test-loss", after.loss());
    figures.put("test-" + after.metricName(), after.metric());
    figures.put("untrained-loss", before.loss());
    figures.put("untrained-" + before.metricName(), before.metric());
    privacy.epsilon().claimed().ifPresent(e -> figures.put("epsilon", e));
    if (privacy.notCovered().contains(PrivacyStatement.SELECTION_NOT_COVERED)) {
      figures.put(SELECTION_NOT_COVERED, 1.0);
    }
    for (String phase : List.of("train", "aggregate", "evaluate")) {
      figures.put(
          "seconds-" + phase,
          rounds.stream().mapToDouble(r -> r.seconds().getOrDefault(phase, 0.0)).sum());
    }
    figures.put("bytes-up", sum(r -> r.traffic().bytesUpPerClient() * (double) r.clients()));
    figures.put("bytes-down", sum(r -> r.traffic().bytesDownPerClient() * (double) r.clients()));
    figures.put("client-rounds", sum(RoundRecord::clients));
    return figures;
  }

  private double sum(java.util.function.ToDoubleFunction<RoundRecord> of) {
    return rounds.stream().mapToDouble(of).sum();
  }
}
