package org.lorica.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.lorica.config.LoadedConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code lorica bench clients}: what a round costs as registered clients and cohorts grow. The
 * first two rounds of every run warm up and do not count.
 */
@Command(
    name = "clients",
    description =
        "Seconds, bytes and driver heap of a round, by registered clients and by cohort size.",
    mixinStandardHelpOptions = true)
final class BenchClients implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "CONF",
      defaultValue = "conf/scale.conf",
      description = "Scenario (default ${DEFAULT-VALUE}).")
  private Path scenario;

  @Option(
      names = "--populations",
      split = ",",
      defaultValue = "1000,10000,100000,1000000",
      description = "Registered clients, at the scenario's cohort (default ${DEFAULT-VALUE}).")
  private List<Integer> populations;

  @Option(
      names = "--cohorts",
      split = ",",
      defaultValue = "100,1000,10000",
      description = "Clients a round, at the scenario's clients.count (default ${DEFAULT-VALUE}).")
  private List<Integer> cohorts;

  @Option(
      names = "--rounds",
      defaultValue = "12",
      description = "Rounds of a run, two of them to warm up (default ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a key.")
  private List<String> overrides = new ArrayList<>();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (rounds <= MeasuredRounds.WARM_UP) {
      throw new IllegalArgumentException(
          "--rounds must be > " + MeasuredRounds.WARM_UP + ", got " + rounds);
    }
    LoadedConfig base = load(List.of());
    try (SparkDriver spark = SparkDriver.start("bench clients")) {
      measure(
          spark, List.of("federation.rounds=" + (MeasuredRounds.WARM_UP + 1))); // the JVM warms up
      PrintWriter out = spec.commandLine().getOut();
      out.printf(
          Locale.ROOT,
          "%s, %s cohorts, %d task slots; medians of %d rounds%n%n",
          scenario,
          Statements.spelled(base.run().federation().participation()),
          spark.context().defaultParallelism(),
          rounds - MeasuredRounds.WARM_UP);
      out.printf(
          "| registered clients | a round, s | fastest, s | driver heap, MiB |%n|---|---|---|---|%n");
      for (int population : populations) {
        List<MeasuredRounds.Round> run = measure(spark, List.of("clients.count=" + population));
        out.printf(
            Locale.ROOT,
            "| %,d | %.3f | %.3f | %.1f |%n",
            population,
            median(run, MeasuredRounds.Round::seconds),
            run.stream().mapToDouble(MeasuredRounds.Round::seconds).min().orElse(Double.NaN),
            run.get(run.size() - 1).heap() / 0x1p20);
        out.flush();
      }
      out.printf(
          "%n| clients a round | a round, s | training, s | aggregation, s | clients/s | to the"
              + " driver, KiB | Spark tasks | not computing |%n|---|---|---|---|---|---|---|---|%n");
      for (int cohort : cohorts) {
        row(out, spark, cohort, measure(spark, List.of("federation.clients-per-round=" + cohort)));
      }
    }
    return 0;
  }

  private static void row(
      PrintWriter out, SparkDriver spark, int cohort, List<MeasuredRounds.Round> run) {
    int slots = spark.context().defaultParallelism();
    double seconds = median(run, MeasuredRounds.Round::seconds);
    out.printf(
        Locale.ROOT,
        "| %,d | %.3f | %.3f | %.3f | %.0f | %.0f | %.0f | %.0f %% |%n",
        cohort,
        seconds,
        median(run, r -> r.traffic().seconds().get("train")),
        median(run, r -> r.traffic().seconds().get("aggregate")),
        median(run, r -> r.traffic().stats().clients()) / seconds,
        median(run, r -> r.tasks().resultBytes() / 1024.0),
        median(run, r -> r.tasks().tasks()),
        100 * median(run, r -> 1 - r.tasks().runSeconds() / slots / r.seconds()));
    out.flush();
  }

  private LoadedConfig load(List<String> more) {
    return Paths.absolute(scenario, Stream.concat(overrides.stream(), more.stream()).toList());
  }

  private List<MeasuredRounds.Round> measure(SparkDriver spark, List<String> more) {
    List<String> settings =
        new ArrayList<>(
            List.of("federation.rounds=" + rounds, "federation.overlap-evaluation=off"));
    settings.addAll(more);
    return MeasuredRounds.of(spark, load(settings));
  }

  private static double median(
      List<MeasuredRounds.Round> run, ToDoubleFunction<MeasuredRounds.Round> figure) {
    double[] values = run.stream().mapToDouble(figure).toArray();
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
