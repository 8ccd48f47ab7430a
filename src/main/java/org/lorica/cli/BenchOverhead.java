package org.lorica.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.lorica.config.LoadedConfig;
import org.lorica.data.ByteTokenizerFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code lorica bench overhead}: of a round's slot time, what goes into training, what into waiting
 * for the last clients, and what is left, which scheduling, shipping and aggregation cost. Beside
 * it the same rounds by threads of this JVM, without Spark.
 */
@Command(
    name = "overhead",
    description =
        "What a round costs beyond the training of its clients, on Spark and in threads of one JVM.",
    mixinStandardHelpOptions = true)
final class BenchOverhead implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "CONF",
      defaultValue = "conf/quickstart.conf",
      description = "Scenario (default ${DEFAULT-VALUE}).")
  private Path scenario;

  @Option(
      names = "--shape",
      description =
          "A random model of this shape of bench step takes the place of the scenario's; it reads"
              + " text byte by byte.")
  private String shape;

  @Option(
      names = "--rounds",
      defaultValue = "12",
      description = "Rounds of a run, two of them to warm up (default ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--repeats",
      defaultValue = "2",
      description = "Runs of each engine, in turns (default ${DEFAULT-VALUE}).")
  private int repeats;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a key.")
  private List<String> overrides = new ArrayList<>();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (rounds <= MeasuredRounds.WARM_UP || repeats < 1) {
      throw new IllegalArgumentException(
          "--rounds must be > "
              + MeasuredRounds.WARM_UP
              + " and --repeats > 0, got "
              + rounds
              + " and "
              + repeats);
    }
    if (shape == null) {
      return measure(List.of());
    }
    StepShape wanted = StepShape.named(shape);
    if (wanted.readsImages()) {
      throw new IllegalArgumentException("--shape must be one that reads text, got " + shape);
    }
    Path folder = Files.createTempDirectory("lorica-bench");
    try {
      wanted.write(folder);
      ByteTokenizerFile.write(folder.resolve("tokenizer.json"));
      return measure(List.of("model.path=" + folder));
    } finally {
      new FolderTree(folder).delete();
    }
  }

  private int measure(List<String> model) {
    PrintWriter out = spec.commandLine().getOut();
    try (SparkDriver spark = SparkDriver.start("bench overhead")) {
      if (!spark.context().isLocal()) {
        throw new IllegalArgumentException(
            "bench overhead needs executors in its own JVM, whose clients it times: Spark master"
                + " must be local[…], got "
                + spark.context().master());
      }
      out.printf(
          Locale.ROOT,
          "%s%s, %d task slots, sums over %d rounds%n%n",
          scenario,
          shape == null ? "" : " with a model of shape " + shape,
          spark.context().defaultParallelism(),
          rounds - MeasuredRounds.WARM_UP);
      out.println(
          "| engine | clients a round | a round, s | aggregation, s | training a client, s |"
              + " slots train | idle while the last ones train | overhead |");
      out.println("|---|---|---|---|---|---|---|---|");
      for (int i = 0; i < repeats; i++) {
        for (String engine : List.of("spark", "local")) {
          List<String> all = new ArrayList<>(overrides);
          all.addAll(model);
          all.addAll(
              List.of(
                  "federation.rounds=" + rounds,
                  "federation.engine=" + engine,
                  "federation.evaluate-every=0",
                  "federation.overlap-evaluation=off"));
          LoadedConfig config = Paths.absolute(scenario, all);
          row(spark, engine, MeasuredRounds.of(spark, config));
        }
      }
    }
    return 0;
  }

  private void row(SparkDriver spark, String engine, List<MeasuredRounds.Round> run) {
    double slots = spark.context().defaultParallelism();
    double seconds = sum(run, MeasuredRounds.Round::seconds);
    double clients = sum(run, r -> r.traffic().stats().clients());
    double training = sum(run, MeasuredRounds.Round::trainingSeconds);
    double busy = training / slots / seconds;
    double idle = sum(run, MeasuredRounds.Round::idleSeconds) / slots / seconds;
    boolean seen = engine.equals("spark"); // threads of a pool tell nobody when they are idle
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "| %s | %.0f | %.3f | %.4f | %.4f | %.1f %% | %s | %s |%n",
        engine,
        clients / run.size(),
        seconds / run.size(),
        sum(run, r -> r.traffic().seconds().get("aggregate")) / run.size(),
        training / clients,
        100 * busy,
        seen ? percent(idle) : "-",
        seen ? percent(1 - busy - idle) : "-");
    out.flush();
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static double sum(
      List<MeasuredRounds.Round> run, ToDoubleFunction<MeasuredRounds.Round> figure) {
    return run.stream().mapToDouble(figure).sum();
  }
}
