package org.lorica.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The keys of {@code reference.conf}; anything else is refused with the nearest of them. */
final class KnownKeys {
  private final ConfigObject reference;
  private final List<String> keys = new ArrayList<>();

  KnownKeys(Config reference) {
    this.reference = reference.root();
    collect("", this.reference);
  }

  private void collect(String prefix, ConfigObject object) {
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      String key = prefix + entry.getKey();
      keys.add(key);
      if (entry.getValue() instanceof ConfigObject section) {
        collect(key + ".", section);
      }
    }
  }

  /**
   * Throws on the first key of {@code layer} that the reference does not have.
   *
   * @param source named in the message when the key itself has no known place
   */
  void check(Config layer, String source) {
    check("", layer.root(), reference, source);
  }

  private void check(String prefix, ConfigObject found, ConfigObject known, String source) {
    for (Map.Entry<String, ConfigValue> entry : found.entrySet()) {
      String key = prefix + entry.getKey();
      ConfigValue value = entry.getValue();
      ConfigValue expected = known.get(entry.getKey());
      String place = Origins.prefix(value.origin());
      String where = place.isEmpty() ? source + ": " : place;
      if (List.of("sweep", "compare").contains(key)) {
        throw new IllegalArgumentException(
            where + "expected a scenario, lorica { … }, found a file for lorica " + key);
      }
      if (expected == null) {
        throw new IllegalArgumentException(
            where + "unknown key " + key + "; did you mean " + nearest(key) + "?");
      }
      if (expected instanceof ConfigObject section) {
        if (!(value instanceof ConfigObject inner)) {
          throw new IllegalArgumentException(
              where + key + " must be a section { … }, got " + Origins.shown(value));
        }
        if (!section.isEmpty()) { // an empty one takes names of the user's own
          check(key + ".", inner, section, source);
        }
      } else if (value instanceof ConfigObject) {
        throw new IllegalArgumentException(where + key + " must be a value, got a section { … }");
      }
    }
  }

  private String nearest(String unknown) {
    return keys.stream()
        .min(
            Comparator.comparingInt((String key) -> distance(unknown, key))
                .thenComparing(Comparator.naturalOrder()))
        .orElseThrow();
  }

  /** A right last word in the wrong section, or a forgotten "lorica.", counts as near. */
  private static int distance(String unknown, String key) {
    String lastUnknown = unknown.substring(unknown.lastIndexOf('.') + 1);
    String last = key.substring(key.lastIndexOf('.') + 1);
    if (lastUnknown.equals(last)) {
      return 0;
    }
    String withoutRoot = key.startsWith("lorica.") ? key.substring("lorica.".length()) : key;
    return Math.min(edits(unknown, key), edits(unknown, withoutRoot));
  }

  /** Levenshtein distance. */
  static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
