package org.lorica.config;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A comparison file: {@code compare { name, scenario, out, set, methods, rates, epsilons,
 * heterogeneity, tune-seed, seeds, baseline }}; every key is explained in {@code
 * conf/compare-methods.conf}.
 *
 * @param scenario absolute, or relative to the comparison file
 * @param overrides of every run, {@code key=value}
 */
public record CompareConfig(
    Path scenario, List<String> overrides, Target target, List<Method> methods, Plan plan) {
  private static final Set<String> KEYS =
      Set.of(
          "baseline",
          "name",
          "scenario",
          "out",
          "set",
          "methods",
          "rates",
          "epsilons",
          "heterogeneity",
          "tune-seed",
          "seeds");

  public CompareConfig {
    overrides = List.copyOf(overrides);
    methods = List.copyOf(methods);
    if (methods.isEmpty()) {
      throw new IllegalArgumentException("compare.methods must name at least one method, got []");
    }
    if (methods.stream().map(Method::name).distinct().count() < methods.size()) {
      throw new IllegalArgumentException(
          "compare.methods must have names of their own, got "
              + methods.stream().map(Method::name).toList());
    }
    List<String> names = methods.stream().map(Method::name).toList();
    plan.baseline()
        .ifPresent(
            baseline ->
                Checks.check(
                    names.contains(baseline),
                    "compare.baseline",
                    "the name of one of compare.methods, " + names,
                    '"' + baseline + '"'));
  }

  /** The comparison's folder is {@code <out>/<name>}. */
  public record Target(String name, Path out) {
    public Target {
      Checks.folder("compare.name", name);
      Checks.localFolder("compare.out", out.toString());
    }

    public Path folder() {
      return out.resolve(name);
    }
  }

  /**
   * One line of the comparison.
   *
   * @param name as tables show it
   * @param overrides what makes the method, {@code key=value}
   * @param except budgets at which there is no such method
   */
  public record Method(
      String name, List<String> overrides, List<Rates> rates, List<String> except) {
    public Method {
      except = List.copyOf(except);
      overrides = List.copyOf(overrides);
      rates = List.copyOf(rates);
      if (rates.isEmpty()) {
        throw new IllegalArgumentException(
            "compare.rates must have at least one pair for " + name + ", got []");
      }
    }
  }

  /** Step sizes of the factors, as written in the file. */
  public record Rates(String a, String b) {
    public List<String> overrides() {
      return List.of("optimizer.learning-rate-a=" + a, "optimizer.learning-rate-b=" + b);
    }

    @Override
    public String toString() {
      return a.equals(b) ? a : a + " / " + b;
    }
  }

  /**
   * What every method is run at.
   *
   * @param epsilons numbers as written, or {@code none}
   * @param levels of heterogeneity
   * @param tuneSeed of the runs that choose step sizes
   * @param seeds of the runs that are reported
   * @param baseline the method that others are compared with, seed by seed
   */
  public record Plan(
      List<String> epsilons,
      List<Level> levels,
      long tuneSeed,
      List<Long> seeds,
      Optional<String> baseline) {
    public Plan {
      epsilons = List.copyOf(epsilons);
      levels = List.copyOf(levels);
      seeds = List.copyOf(seeds);
      if (epsilons.isEmpty() || seeds.isEmpty()) {
        throw new IllegalArgumentException(
            "compare.epsilons and compare.seeds must not be empty, got "
                + epsilons
                + " and "
                + seeds);
      }
      if (seeds.contains(tuneSeed)) {
        throw new IllegalArgumentException(
            "compare.tune-seed must be none of compare.seeds, or the step sizes were chosen on what"
                + " is reported, got "
                + tuneSeed);
      }
    }

    /** Overrides of a privacy budget. */
    public static List<String> budget(String epsilon) {
      return epsilon.equals("none")
          ? List.of("privacy.mode=none")
          : List.of("privacy.mode=dp", "privacy.epsilon=" + epsilon);
    }
  }

  /** One level of heterogeneity; without overrides, the scenario's own. */
  public record Level(String name, List<String> overrides) {
    public Level {
      overrides = List.copyOf(overrides);
    }
  }

  /**
   * Reads and checks a comparison file.
   *
   * @param more overrides of every run that win over the file's {@code set}
   */
  public static CompareConfig load(Path file, List<String> more) {
    return new SectionFile(file, "compare").read((source, tree) -> read(source, tree, more));
  }

  private static CompareConfig read(SectionFile source, Config compare, List<String> more) {
    source.requireKnown("compare", compare, KEYS);
    source.requireSet(compare, "name", "scenario", "methods", "epsilons", "seeds");
    List<String> overrides = source.overrides(compare);
    overrides.addAll(more);
    return new CompareConfig(
        source.scenario(compare),
        overrides,
        new Target(
            compare.getString("name"),
            Path.of(compare.hasPath("out") ? compare.getString("out") : "runs")),
        methods(compare, source),
        new Plan(
            epsilons(compare, source.path()),
            levels(compare, source),
            compare.hasPath("tune-seed") ? compare.getLong("tune-seed") : 0,
            compare.getLongList("seeds"),
            compare.hasPath("baseline")
                ? Optional.of(compare.getString("baseline"))
                : Optional.empty()));
  }

  private static List<Method> methods(Config compare, SectionFile source) {
    List<Method> methods = new ArrayList<>();
    for (Config method : compare.getConfigList("methods")) {
      source.requireKnown("compare.methods", method, Set.of("name", "set", "rates", "except"));
      methods.add(
          new Method(
              method.getString("name"),
              source.overrides(method),
              rates(method.hasPath("rates") ? method : compare, source.path()),
              method.hasPath("except") ? method.getStringList("except") : List.of()));
    }
    return methods;
  }

  private static List<Rates> rates(Config section, Path file) {
    List<Rates> rates = new ArrayList<>();
    for (Object pair : section.getAnyRefList("rates")) {
      if (!(pair instanceof List<?> values) || values.size() != 2) {
        throw new IllegalArgumentException(
            file + ": compare.rates must hold pairs [rate of A, rate of B], found " + pair);
      }
      rates.add(new Rates(values.get(0).toString(), values.get(1).toString()));
    }
    return rates;
  }

  private static List<String> epsilons(Config compare, Path file) {
    List<String> epsilons = compare.getStringList("epsilons");
    for (String epsilon : epsilons) {
      if (!epsilon.equals("none") && !epsilon.matches("\\d+(\\.\\d+)?")) {
        throw new IllegalArgumentException(
            file + ": compare.epsilons must be numbers > 0 or none, found " + epsilon);
      }
    }
    return epsilons;
  }

  private static List<Level> levels(Config compare, SectionFile source) {
    List<Level> levels = new ArrayList<>();
    if (compare.hasPath("heterogeneity")) {
      for (Config level : compare.getConfigList("heterogeneity")) {
        source.requireKnown("compare.heterogeneity", level, Set.of("name", "set"));
        levels.add(new Level(level.getString("name"), source.overrides(level)));
      }
    }
    return levels.isEmpty() ? List.of(new Level("as given", List.of())) : levels;
  }
}
