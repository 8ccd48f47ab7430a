package org.lorica.lora;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Ranks and alphas of all modules as PEFT describes them: one of each, and others for the modules
 * whose full name matches {@code (.*\.)?KEY}, KEY a regular expression. The first key that matches
 * counts.
 *
 * @param rankPattern in the order in which keys are tried
 * @param alphaPattern the same; alpha and not the scale, which is alpha/r or alpha/√r of the
 *     module's own r
 */
public record LoraRanks(
    int rank,
    double alpha,
    Divisor divisor,
    Map<String, Integer> rankPattern,
    Map<String, Double> alphaPattern) {

  /** What alpha is divided by: rank-stabilised LoRA (arXiv 2312.03732) takes the root. */
  public enum Divisor {
    RANK,
    ROOT_OF_RANK;

    double of(int rank) {
      return this == RANK ? rank : Math.sqrt(rank);
    }
  }

  public LoraRanks {
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    rankPattern.forEach((key, r) -> require(r > 0, "rank_pattern." + key, r));
    alphaPattern.forEach((key, a) -> require(a > 0, "alpha_pattern." + key, a));
    rankPattern.keySet().forEach(key -> compiled("rank_pattern", key));
    alphaPattern.keySet().forEach(key -> compiled("alpha_pattern", key));
  }

  /** The same rank and alpha everywhere. */
  public LoraRanks(int rank, double alpha, Divisor divisor) {
    this(rank, alpha, divisor, Map.of(), Map.of());
  }

  private static void require(boolean positive, String key, Object found) {
    if (!positive) {
      throw new IllegalArgumentException(key + " must be > 0, got " + found);
    }
  }

  private static Pattern compiled(String map, String key) {
    try {
      return Pattern.compile("(.*\\.)?(" + key + ")");
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          map + "." + key + " must be a regular expression, found " + e.getDescription(), e);
    }
  }

  /** The first of {@code keys} that matches one of a module's full names. */
  private static Optional<String> key(Map<String, ?> pattern, List<String> names) {
    return pattern.keySet().stream()
        .filter(key -> names.stream().anyMatch(compiled("pattern", key).asMatchPredicate()))
        .findFirst();
  }

  /** Whether a pattern's key stands for the module, by one of its full names. */
  public static boolean matches(String key, String module) {
    return ModuleNames.of(module).stream().anyMatch(compiled("pattern", key).asMatchPredicate());
  }

  /** Rank and scale of one module, by its full name. */
  public LoraRank of(String module) {
    return named(ModuleNames.of(module));
  }

  private LoraRank named(List<String> names) {
    int r = key(rankPattern, names).map(rankPattern::get).orElse(rank);
    double a = key(alphaPattern, names).map(alphaPattern::get).orElse(alpha);
    return new LoraRank(r, a / divisor.of(r));
  }

  /** Whether PEFT reads these ranks and scales from it, under every name of every module. */
  private boolean describes(AdapterLayout layout) {
    for (int m = 0; m < layout.modules().size(); m++) {
      LoraRank own = layout.ranks().get(m);
      String module = layout.modules().get(m).name();
      for (String name : ModuleNames.of(module)) {
        if (!named(List.of(name)).equals(own)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Rank and scale of every module, in their order. */
  public List<LoraRank> of(List<LoraModule> modules) {
    return modules.stream().map(m -> of(m.name())).toList();
  }

  /**
   * These where they describe {@code layout} already; else such that do, with the greatest rank for
   * all and every module that differs by its full names.
   */
  public LoraRanks describing(AdapterLayout layout) {
    List<LoraModule> modules = layout.modules();
    if (describes(layout)) {
      return this;
    }
    int greatest = layout.ranks().stream().mapToInt(LoraRank::rank).max().orElse(rank);
    double usual = layout.ranks().get(0).scaling() * divisor.of(greatest);
    Map<String, Integer> ranks = new LinkedHashMap<>();
    Map<String, Double> alphas = new LinkedHashMap<>();
    for (int m = 0; m < modules.size(); m++) {
      LoraRank of = layout.ranks().get(m);
      double own = of.scaling() * divisor.of(of.rank());
      String name = String.join("|", ModuleNames.of(modules.get(m).name()));
      if (of.rank() != greatest) {
        ranks.put(name, of.rank());
      }
      if (own != usual) {
        alphas.put(name, own);
      }
    }
    return new LoraRanks(greatest, usual, divisor, ranks, alphas);
  }
}
