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

  /** The first of {@code keys} that matches a module's full name. */
  static Optional<String> key(Map<String, ?> pattern, String module) {
    return pattern.keySet().stream().filter(key -> matches(key, module)).findFirst();
  }

  /** Whether a pattern's key stands for the module of that full name. */
  public static boolean matches(String key, String module) {
    return compiled("pattern", key).matcher(module).matches();
  }

  /** Rank and scale of one module, by its full name. */
  public LoraRank of(String module) {
    int r = key(rankPattern, module).map(rankPattern::get).orElse(rank);
    double a = key(alphaPattern, module).map(alphaPattern::get).orElse(alpha);
    return new LoraRank(r, a / divisor.of(r));
  }

  /** Rank and scale of every module, in their order. */
  public List<LoraRank> of(List<LoraModule> modules) {
    return modules.stream().map(m -> of(m.name())).toList();
  }

  /**
   * These where they describe {@code layout} already; else such that do, with the greatest rank for
   * all and every module that differs by its full name.
   */
  public LoraRanks describing(AdapterLayout layout) {
    List<LoraModule> modules = layout.modules();
    if (of(modules).equals(layout.ranks())) {
      return this;
    }
    int greatest = layout.ranks().stream().mapToInt(LoraRank::rank).max().orElse(rank);
    double usual = layout.ranks().get(0).scaling() * divisor.of(greatest);
    Map<String, Integer> ranks = new LinkedHashMap<>();
    Map<String, Double> alphas = new LinkedHashMap<>();
    for (int m = 0; m < modules.size(); m++) {
      LoraRank of = layout.ranks().get(m);
      double own = of.scaling() * divisor.of(of.rank());
      if (of.rank() != greatest) {
        ranks.put(modules.get(m).name(), of.rank());
      }
      if (own != usual) {
        alphas.put(modules.get(m).name(), own);
      }
    }
    return new LoraRanks(greatest, usual, divisor, ranks, alphas);
  }
}
