package org.lorica.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigResolveOptions;
import java.nio.file.Files;
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
      Checks.check(
          name.matches("[A-Za-z0-9][A-Za-z0-9._-]*"),
          "compare.name",
          "letters, digits, '.', '_' or '-' (it names a folder)",
          '"' + name + '"');
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
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + ": no such comparison file");
    }
    try {
      Config tree = ConfigFactory.parseFile(file.toFile()).resolve(ConfigResolveOptions.noSystem());
      return read(file, tree, more);
    } catch (ConfigException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage().replaceAll("\\s+", " "), e);
    }
  }

  private static CompareConfig read(Path file, Config tree, List<String> more) {
    if (!tree.hasPath("compare") || tree.root().size() != 1) {
      throw new IllegalArgumentException(
          file + ": expected one section compare { … }, found " + tree.root().keySet());
    }
    Config compare = tree.getConfig("compare");
    requireKeys(file, "compare", compare, KEYS);
    for (String key : List.of("name", "scenario", "methods", "epsilons", "seeds")) {
      if (!compare.hasPath(key)) {
        throw new IllegalArgumentException(file + ": compare." + key + " must be set");
      }
    }
    List<String> overrides = overrides(compare, file);
    overrides.addAll(more);
    Path scenario = Path.of(compare.getString("scenario"));
    return new CompareConfig(
        scenario.isAbsolute() ? scenario : file.resolveSibling(scenario),
        overrides,
        new Target(
            compare.getString("name"),
            Path.of(compare.hasPath("out") ? compare.getString("out") : "runs")),
        methods(compare, file),
        new Plan(
            epsilons(compare, file),
            levels(compare, file),
            compare.hasPath("tune-seed") ? compare.getLong("tune-seed") : 0,
            compare.getLongList("seeds"),
            compare.hasPath("baseline")
                ? Optional.of(compare.getString("baseline"))
                : Optional.empty()));
  }

  private static void requireKeys(Path file, String where, Config section, Set<String> known) {
    for (String key : section.root().keySet()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            file
                + ": unknown key "
                + where
                + "."
                + key
                + "; expected one of "
                + known.stream().sorted().toList());
      }
    }
  }

  private static List<String> overrides(Config section, Path file) {
    List<String> all = new ArrayList<>();
    if (section.hasPath("set")) {
      SweepConfig.values(section.getConfig("set"), file)
          .forEach((key, value) -> all.add(key + "=" + SweepConfig.text(value)));
    }
    return all;
  }

  private static List<Method> methods(Config compare, Path file) {
    List<Method> methods = new ArrayList<>();
    for (Config method : compare.getConfigList("methods")) {
      requireKeys(file, "compare.methods", method, Set.of("name", "set", "rates", "except"));
      methods.add(
          new Method(
              method.getString("name"),
              overrides(method, file),
              rates(method.hasPath("rates") ? method : compare, file),
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

  private static List<Level> levels(Config compare, Path file) {
    List<Level> levels = new ArrayList<>();
    if (compare.hasPath("heterogeneity")) {
      for (Config level : compare.getConfigList("heterogeneity")) {
        requireKeys(file, "compare.heterogeneity", level, Set.of("name", "set"));
        levels.add(new Level(level.getString("name"), overrides(level, file)));
      }
    }
    return levels.isEmpty() ? List.of(new Level("as given", List.of())) : levels;
  }
}
