package org.lorica.config;

import static org.lorica.config.Checks.positive;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * lorica.lora.{rank-pattern, alpha-pattern}: exceptions to rank and alpha. Keys are ends of
 * modules' names or regular expressions of them; a section has no order, so the keys are sorted.
 */
public record RankPatterns(Map<String, Integer> rank, Map<String, Double> alpha) {
  public RankPatterns {
    rank = Collections.unmodifiableMap(new TreeMap<>(rank));
    alpha = Collections.unmodifiableMap(new TreeMap<>(alpha));
    rank.forEach((key, r) -> positive("lorica.lora.rank-pattern." + key, r));
    alpha.forEach((key, a) -> positive("lorica.lora.alpha-pattern." + key, a));
    rank.keySet().forEach(key -> requireExpression("lorica.lora.rank-pattern", key));
    alpha.keySet().forEach(key -> requireExpression("lorica.lora.alpha-pattern", key));
  }

  private static void requireExpression(String section, String key) {
    try {
      Pattern.compile(key);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          section + " must have regular expressions as keys, got \"" + key + '"', e);
    }
  }
}
