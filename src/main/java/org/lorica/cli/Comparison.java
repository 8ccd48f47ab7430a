package org.lorica.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.lorica.config.CompareConfig;
import org.lorica.config.Grid;
import org.lorica.report.CellResult;
import org.lorica.report.ComparisonRow;
import org.lorica.report.PrivacyStatement;

/**
 * Runs a comparison: for every budget, level and method first one run of each pair of step sizes
 * with the tuning seed, then the pair with the least held-out loss with every reported seed. Always
 * the last round's figures; the best round is never looked for. Cohorts and batches are the same
 * for all methods (docs/comparison.md).
 */
final class Comparison {
  private final CompareConfig config;
  private final CellRunner cells;
  private final CellRunner.Work work;
  private final PrintWriter console;
  private final List<String> failures = new ArrayList<>();
  private int done = 0;

  Comparison(CompareConfig config, CellRunner cells, CellRunner.Work work, PrintWriter console) {
    this.config = config;
    this.cells = cells;
    this.work = work;
    this.console = console;
  }

  /** Where a method stands: everything but step sizes and seed. */
  private record Point(CompareConfig.Method method, String budget, CompareConfig.Level level) {}

  /**
   * All rows.
   *
   * @param progress told of the rows so far whenever there is one more
   */
  List<ComparisonRow> rows(Consumer<List<ComparisonRow>> progress) {
    List<ComparisonRow> rows = new ArrayList<>();
    for (String budget : config.plan().epsilons()) {
      for (CompareConfig.Level level : config.plan().levels()) {
        for (CompareConfig.Method method : config.methods()) {
          if (method.except().contains(budget)) {
            continue;
          }
          row(new Point(method, budget, level))
              .ifPresent(
                  row -> {
                    rows.add(row);
                    progress.accept(List.copyOf(rows));
                  });
        }
      }
    }
    return rows;
  }

  /** What did not end well, one line each. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Runs in all, those of earlier calls included. */
  int runs() {
    int seeds = config.plan().seeds().size();
    int runs = 0;
    for (String budget : config.plan().epsilons()) {
      for (CompareConfig.Method method : config.methods()) {
        if (!method.except().contains(budget)) {
          runs += seeds + (method.rates().size() > 1 ? method.rates().size() : 0);
        }
      }
    }
    return runs * config.plan().levels().size();
  }

  private Optional<ComparisonRow> row(Point point) {
    Optional<CompareConfig.Rates> rates = tuned(point);
    if (rates.isEmpty()) {
      done += config.plan().seeds().size();
      return Optional.empty();
    }
    SortedMap<Long, Map<String, Double>> results = new TreeMap<>();
    for (long seed : config.plan().seeds()) {
      CellResult result = run(point, rates.get(), seed);
      if (result.done()) {
        results.put(seed, result.figures());
      }
    }
    return results.isEmpty() ? Optional.empty() : Optional.of(row(point, rates.get(), results));
  }

  /** The step sizes with the least loss; empty where no run ended well. */
  private Optional<CompareConfig.Rates> tuned(Point point) {
    List<CompareConfig.Rates> all = point.method().rates();
    if (all.size() == 1) {
      return Optional.of(all.get(0));
    }
    Optional<CompareConfig.Rates> best = Optional.empty();
    double least = Double.POSITIVE_INFINITY;
    for (CompareConfig.Rates rates : all) {
      CellResult result = run(point, rates, config.plan().tuneSeed());
      double loss = result.figures().getOrDefault("test-loss", Double.NaN);
      if (loss < least) {
        least = loss;
        best = Optional.of(rates);
      }
    }
    return best;
  }

  /**
   * Reads every method's configuration at every budget and level, so that a wrong key is said
   * before the first run and not by every one.
   *
   * @throws IllegalArgumentException naming the method
   */
  static void requireReadable(CompareConfig config, CellRunner cells) {
    for (String budget : config.plan().epsilons()) {
      for (CompareConfig.Level level : config.plan().levels()) {
        for (CompareConfig.Method method : config.methods()) {
          if (!method.except().contains(budget)) {
            requireReadable(config, cells, new Point(method, budget, level));
          }
        }
      }
    }
  }

  private static void requireReadable(CompareConfig config, CellRunner cells, Point point) {
    try {
      Map<String, String> first =
          settings(point, point.method().rates().get(0), config.plan().tuneSeed());
      cells.configuration(new Grid.Cell(0, first));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          point.method().name() + " · ε " + point.budget() + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, String> settings(Point point, CompareConfig.Rates rates, long seed) {
    Map<String, String> settings = new LinkedHashMap<>();
    List<String> overrides = new ArrayList<>(point.method().overrides());
    overrides.addAll(CompareConfig.Plan.budget(point.budget()));
    overrides.addAll(point.level().overrides());
    overrides.addAll(rates.overrides());
    overrides.add("seed=" + seed);
    for (String override : overrides) {
      String[] parts = override.split("=", 2);
      settings.put(parts[0], parts[1]);
    }
    return settings;
  }

  private CellResult run(Point point, CompareConfig.Rates rates, long seed) {
    Map<String, String> settings = settings(point, rates, seed);
    String name =
        String.format(
            Locale.ROOT,
            "%s · ε %s · %s · rates %s · seed %d",
            point.method().name(),
            point.budget(),
            point.level().name(),
            rates,
            seed);
    long begin = System.nanoTime();
    boolean[] fresh = {false};
    CellResult result = cells.run(new Grid.Cell(done, settings), work, cell -> fresh[0] = true);
    done++;
    if (!result.done()) {
      failures.add(name + ": " + result.message());
    }
    if (fresh[0] || !result.done()) {
      console.printf(
          Locale.ROOT,
          "[%d/%d] %s · %s · %.1f s%n",
          done,
          runs(),
          name,
          result.done()
              ? String.format(Locale.ROOT, "loss %.4f", result.figures().get("test-loss"))
              : "failed: " + result.message(),
          (System.nanoTime() - begin) / 1e9);
      console.flush();
    }
    return result;
  }

  private static ComparisonRow row(
      Point point, CompareConfig.Rates rates, SortedMap<Long, Map<String, Double>> bySeed) {
    List<Map<String, Double>> results = List.copyOf(bySeed.values());
    String metric =
        results.get(0).keySet().stream()
            .filter(k -> k.startsWith("test-") && !k.equals("test-loss"))
            .findFirst()
            .orElseThrow();
    OptionalDouble epsilon =
        results.stream()
            .filter(f -> f.containsKey("epsilon"))
            .mapToDouble(f -> f.get("epsilon"))
            .max();
    boolean leavesOut =
        results.stream().anyMatch(f -> f.containsKey(FederatedRun.SELECTION_NOT_COVERED));
    List<String> notCovered =
        leavesOut ? List.of(PrivacyStatement.SELECTION_NOT_COVERED) : List.of();
    return new ComparisonRow(
        new ComparisonRow.Setting(
            point.method().name(),
            point.budget(),
            point.level().name(),
            rates.toString(),
            results.size()),
        figure(metric.substring("test-".length()), bySeed, metric),
        figure("loss", bySeed, "test-loss"),
        new ComparisonRow.Cost(
            mean(results, f -> f.get("bytes-up") / f.get("client-rounds")),
            mean(results, f -> f.get("bytes-down") / f.get("client-rounds")),
            mean(results, f -> f.get("seconds-driver") / f.get("rounds")),
            results.stream().mapToDouble(f -> f.get("peak-heap-mib")).max().orElse(Double.NaN)),
        new ComparisonRow.Spent(epsilon, notCovered));
  }

  private static ComparisonRow.Figure figure(
      String name, SortedMap<Long, Map<String, Double>> bySeed, String key) {
    SortedMap<Long, Double> values = new TreeMap<>();
    bySeed.forEach((seed, figures) -> values.put(seed, figures.get(key)));
    return new ComparisonRow.Figure(name, values);
  }

  private static double mean(
      List<Map<String, Double>> results,
      java.util.function.ToDoubleFunction<Map<String, Double>> of) {
    return results.stream().mapToDouble(of).average().orElse(Double.NaN);
  }
}
