package org.lorica.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.lorica.federation.Cohort;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.random.RandomKey;
import org.lorica.sketch.FixedPointSum;
import org.lorica.spark.SyntheticClients;
import org.lorica.spark.TaskMeter;
import org.lorica.tensor.Matrix;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorica bench round}: aggregation of a whole round on Spark, without its training. */
@Command(
    name = "round",
    description =
        "Seconds, bytes and heap of aggregating many clients' adapters of RoBERTa-base on Spark, and"
            + " the rate of its sums beside a plain array addition.",
    mixinStandardHelpOptions = true)
final class BenchRound implements Callable<Integer> {
  private static final int WIDTH = 768;
  private static final int LAYERS = 12;

  /** Bytes that an addition of one value to one total moves, read and written. */
  private static final int BYTES_A_VALUE = 3 * Double.BYTES;

  private static final int RATE_REPEATS = 21;
  private static final long LEAST_VALUES = 600_000_000; // long enough to be compiled
  private static final int BEYOND_CACHES = 8 << 20; // 64 MiB an array

  /** Of {@link AggregateBench#strategies}, those of which a server keeps rank-r sums only. */
  private static final List<String> METHODS =
      List.of("fedavg, lalora", "ffa", "fedask, private", "fedask, both factors", "fedsvd");

  @Option(names = "--clients", defaultValue = "1000", description = "Default ${DEFAULT-VALUE}.")
  private int clients;

  @Option(
      names = "--rank",
      defaultValue = "8",
      description = "On query and value of 12 layers of 768 (default ${DEFAULT-VALUE}).")
  private int rank;

  @Option(names = "--partitions", defaultValue = "32", description = "Default ${DEFAULT-VALUE}.")
  private int partitions;

  @Option(
      names = "--repeats",
      defaultValue = "3",
      description = "Measurements of which the fastest is shown (default ${DEFAULT-VALUE}).")
  private int repeats;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (clients < 1 || rank < 1 || partitions < 1 || repeats < 1) {
      throw new IllegalArgumentException(
          "--clients, --rank, --partitions and --repeats must be > 0, got "
              + List.of(clients, rank, partitions, repeats));
    }
    PrintWriter out = spec.commandLine().getOut();
    AdapterSet global = adapter();
    int values = global.layout().size();
    out.printf(
        Locale.ROOT, "%,d clients x %,d values, %d partitions%n%n", clients, values, partitions);
    rates(values, out);
    out.println(
        "| method | aggregation, s | of it the driver alone, s | to the driver, KiB | messages, GB"
            + " | sums, GB/s | peak heap, MiB |");
    out.println("|---|---|---|---|---|---|---|");
    out.flush();
    try (SparkDriver spark = SparkDriver.start("bench round");
        Cohort cohort = SyntheticClients.cohort(spark.context(), global, clients, partitions)) {
      Map<String, Strategy> all = AggregateBench.strategies(rank);
      for (String method : METHODS) {
        row(spark, all.get(method), method, new RoundOf(global, cohort), out);
      }
    }
    return 0;
  }

  private record RoundOf(AdapterSet global, Cohort cohort) {}

  private AdapterSet adapter() {
    List<LoraModule> modules = new ArrayList<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      for (String name : List.of("query", "value")) {
        modules.add(new LoraModule("layer." + layer + "." + name, WIDTH, WIDTH));
      }
    }
    AdapterLayout layout = new AdapterLayout(modules, List.of(), rank, 2);
    return AdapterInit.fresh(layout, new float[0], RandomKey.root(1));
  }

  private void row(
      SparkDriver spark, Strategy strategy, String name, RoundOf round, PrintWriter out) {
    TaskMeter meter = TaskMeter.on(spark.context());
    try {
      double best = Double.POSITIVE_INFINITY;
      double driver = 0;
      TimedCohort timed = new TimedCohort(round.cohort());
      TaskMeter.Count before = meter.count();
      PeakHeap.restart();
      for (int i = 0; i < repeats; i++) {
        timed = new TimedCohort(round.cohort());
        long begin = System.nanoTime();
        strategy.aggregate(new RoundContext(0, RandomKey.root(1), round.global()), timed);
        double seconds = (System.nanoTime() - begin) / 1e9;
        if (seconds < best) {
          best = seconds;
          driver = seconds - timed.seconds();
        }
      }
      double moved = (double) clients * timed.values() * BYTES_A_VALUE;
      out.printf(
          Locale.ROOT,
          "| %s | %.2f | %.3f | %.0f | %.2f | %.1f | %.0f |%n",
          name,
          best,
          driver,
          MeasuredRounds.settled(meter).since(before).resultBytes() / 1024.0 / repeats,
          (double) clients * timed.values() * Float.BYTES / 1e9,
          moved / (best - driver) / 1e9,
          PeakHeap.mebibytes());
      out.flush();
    } finally {
      spark.context().sc().removeSparkListener(meter);
    }
  }

  /**
   * Bytes a second of the two additions that a sum consists of beside the plainest one's: of one
   * message again and again, which stays in a cache, and of one that none holds, as clients' are.
   */
  private static void rates(int values, PrintWriter out) {
    double[] cached = rates(values);
    double[] streamed = rates(BEYOND_CACHES);
    out.printf(
        Locale.ROOT,
        "| one thread, GB/s | %,d values | share of plain | %,d values | share of plain |%n",
        values,
        BEYOND_CACHES);
    out.println("|---|---|---|---|---|");
    String[] names = {"a[i] += b[i]", "fixed-point add", "fixed-point merge"};
    for (int r = 0; r < names.length; r++) {
      out.printf(Locale.ROOT, "| %s", names[r]);
      for (double[] rates : List.of(cached, streamed)) {
        double rate = rates[r];
        out.printf(Locale.ROOT, " | %.1f | %.0f %%", rate, 100 * rate / rates[0]);
      }
      out.println(" |");
    }
    out.println();
  }

  private static double[] rates(int values) {
    double[] terms = new double[values];
    RandomKey.root(1).addGaussiansInPlace(1e-3, terms);
    List<Matrix> message = List.of(Matrix.of(1, values, terms));
    FixedPointSum sum = new FixedPointSum().addInPlace(message, 1e-6);
    FixedPointSum other = new FixedPointSum().addInPlace(message, 1e-6);
    double[] total = new double[values];
    return new double[] {
      rate(values, () -> addInPlace(terms, total)),
      rate(values, () -> sum.addInPlace(message, 1e-6)),
      rate(values, () -> sum.mergeInPlace(other)),
    };
  }

  private static void addInPlace(double[] terms, double[] total) {
    for (int i = 0; i < total.length; i++) {
      total[i] += terms[i];
    }
  }

  private static double rate(int values, Runnable addition) {
    int repeats = (int) Math.max(RATE_REPEATS, LEAST_VALUES / values);
    double[] seconds = new double[repeats];
    for (int i = 0; i < repeats; i++) {
      long begin = System.nanoTime();
      addition.run();
      seconds[i] = (System.nanoTime() - begin) / 1e9;
    }
    Arrays.sort(seconds);
    return (double) values * BYTES_A_VALUE / seconds[repeats / 2] / 1e9;
  }
}
