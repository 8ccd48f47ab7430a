package org.lorica.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.lorica.config.LoadedConfig;
import org.lorica.config.RunConfig;
import org.lorica.federation.ClientPool;
import org.lorica.federation.Evaluation;
import org.lorica.federation.Evaluator;
import org.lorica.federation.Federation;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.LocalCohort;
import org.lorica.federation.RoundResult;
import org.lorica.federation.Strategy;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.PeftAdapter;
import org.lorica.model.Model;
import org.lorica.random.RandomKey;
import org.lorica.report.ConsoleProgress;
import org.lorica.report.Manifest;
import org.lorica.report.PrivacyStatement;
import org.lorica.report.RoundRecord;
import org.lorica.report.RunFolder;
import org.lorica.report.Summary;
import org.lorica.spark.SparkCohort;
import org.lorica.strategy.Strategies;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorica train}: a whole federated run of one scenario. */
@Command(
    name = "train",
    description = "Trains a federated adapter as a scenario file says and writes a run folder.",
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "CONF",
      description = "Scenario, such as conf/quickstart.conf.")
  private Path scenario;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Overrides a key of the scenario; may be repeated. Example: --set privacy.epsilon=3")
  private List<String> overrides = new ArrayList<>();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    LoadedConfig loaded = Paths.absolute(scenario, overrides);
    RunConfig config = loaded.run();
    Strategy strategy = Strategies.of(config);
    PrintWriter console = spec.commandLine().getOut();
    console.printf("%s: loading model and data%n", config.general().name());
    console.flush();
    Workbench workbench = Workbench.shared(loaded.resolvedHocon());
    try {
      return train(loaded, strategy, workbench);
    } finally {
      Workbench.release(loaded.resolvedHocon());
    }
  }

  private Integer train(LoadedConfig loaded, Strategy strategy, Workbench workbench) {
    RunConfig config = loaded.run();
    PrintWriter console = spec.commandLine().getOut();
    FederationPrivacy privacy = FederationPrivacy.of(config, workbench.population().clients());
    AdapterSet start = workbench.initialAdapter(RandomKey.root(config.general().seed()));
    int threads = Runtime.getRuntime().availableProcessors();
    Evaluator evaluator = new Evaluator(workbench, threads);
    Evaluation before = evaluator.evaluate(start, workbench.population().test());
    console.printf(
        "%d clients, %d held-out examples, %,d trainable values on %,d frozen parameters; strategy %s%n",
        workbench.population().clients(),
        before.examples(),
        workbench.layout().size(),
        workbench.model().parameters(),
        strategy.name());
    console.flush();
    privacy.requireCovers(strategy);
    privacy.calibrate(workbench.population());
    RunFolder run = RunFolder.create(Path.of(config.general().out()), config.general().name());
    Manifest manifest =
        Manifest.started(
            Clock.systemUTC().instant(),
            config.general().seed(),
            spec.commandLine().getParent().getParseResult().originalArgs(),
            Versions.all(),
            loaded.resolvedHocon());
    run.writeManifest(manifest);
    ConsoleProgress progress =
        new ConsoleProgress(
            new PrintStream(System.out, true, java.nio.charset.StandardCharsets.UTF_8),
            Clock.systemUTC());
    Evaluation[] last = {before};
    Federation federation =
        new Federation(
            config,
            workbench,
            strategy,
            privacy,
            List.of(
                result -> {
                  RoundRecord record = record(config, result);
                  run.append(record);
                  progress.print(record);
                  result.evaluation().ifPresent(e -> last[0] = e);
                }));
    AdapterSet adapter =
        config.federation().engine() == RunConfig.FederationConfig.Engine.LOCAL
            ? federation.run(LocalCohort.pool(workbench, threads), start, evaluator)
            : onSpark(loaded, pool -> federation.run(pool, start, evaluator));
    return finish(
        new Finished(config, workbench, privacy, run, manifest), adapter, before, last[0]);
  }

  private static AdapterSet onSpark(
      LoadedConfig loaded, java.util.function.Function<ClientPool, AdapterSet> work) {
    try (SparkDriver spark = SparkDriver.start(loaded.run().general().name())) {
      return work.apply(SparkCohort.pool(spark.context(), loaded));
    }
  }

  private record Finished(
      RunConfig config,
      Workbench workbench,
      FederationPrivacy privacy,
      RunFolder run,
      Manifest manifest) {}

  private int finish(Finished f, AdapterSet adapter, Evaluation before, Evaluation after) {
    PeftAdapter.write(f.run().adapter(), adapter, Peft.config(f.config(), f.workbench()));
    PrivacyStatement statement =
        Statements.of(f.privacy(), f.workbench().population(), f.config().federation().rounds());
    f.run().writePrivacy(statement);
    List<Summary.Score> scores = new ArrayList<>();
    scores.add(score("trained adapter", after));
    scores.add(score("base model, untrained adapter", before));
    if (f.workbench().model().task() == Model.Task.SEQUENCE_CLASSIFICATION) {
      scores.add(
          new Summary.Score(
              "majority guess",
              OptionalDouble.empty(),
              after.metricName(),
              OptionalDouble.of(Evaluator.majorityShare(f.workbench().population().test()))));
    }
    Summary summary =
        new Summary(
            f.config().general().name(),
            f.config().federation().rounds(),
            scores,
            statement,
            f.run().finalPath(),
            f.workbench().population().notes());
    f.run().writeManifest(f.manifest().with(Manifest.Status.COMPLETE));
    f.run().writeSummary(summary.text());
    f.run().complete();
    PrintWriter console = spec.commandLine().getOut();
    console.println();
    console.println(summary.text());
    console.flush();
    return 0;
  }

  private static Summary.Score score(String who, Evaluation e) {
    return new Summary.Score(
        who, OptionalDouble.of(e.loss()), e.metricName(), OptionalDouble.of(e.metric()));
  }

  static RoundRecord record(RunConfig config, RoundResult result) {
    OptionalDouble trainLoss = OptionalDouble.of(result.traffic().stats().meanLoss());
    RoundRecord.Quality quality =
        new RoundRecord.Quality(
            trainLoss,
            result
                .evaluation()
                .map(e -> OptionalDouble.of(e.loss()))
                .orElse(OptionalDouble.empty()),
            result.evaluation().map(Evaluation::metricName).orElse(""),
            result
                .evaluation()
                .map(e -> OptionalDouble.of(e.metric()))
                .orElse(OptionalDouble.empty()),
            result.evaluation().map(Evaluation::metrics).orElse(Map.of()));
    return new RoundRecord(
        result.round(),
        config.federation().rounds(),
        quality,
        result.epsilon(),
        result.traffic().stats().clients(),
        new RoundRecord.Traffic(result.traffic().bytesUp(), result.traffic().bytesDown()),
        result.traffic().seconds(),
        List.of("trainLoss"));
  }
}
