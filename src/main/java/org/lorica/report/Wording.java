package org.lorica.report;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** Numbers as people read them; the same in every locale. */
final class Wording {
  private Wording() {}

  /** {@code accuracy 41.2 %}; any other metric as a plain number. */
  static String metric(String name, double value) {
    return name.equals("accuracy")
        ? format("accuracy %.1f %%", 100 * value)
        : format("%s %.3f", name, value);
  }

  static String epsilon(OptionalDouble epsilon) {
    return epsilon.isPresent() ? format("ε %.2f", epsilon.getAsDouble()) : "ε not claimed";
  }

  /**
   * {@code 2 of 8 clients dropped out}, and whether the round is void; empty where all went well.
   */
  static Optional<String> faults(RoundRecord.Faults faults, int clients) {
    int dropped = faults.dropped().size();
    String who = dropped == 0 ? "" : format("%d of %d clients dropped out", dropped, clients);
    if (!faults.isVoid()) {
      return Optional.of(who).filter(w -> !w.isEmpty());
    }
    return Optional.of((dropped == 0 ? "too few clients" : who) + ": round void");
  }

  /** {@code 1e-5}, as in the configuration. */
  static String small(double value) {
    return Double.toString(value).replace(".0E", "e").replace('E', 'e');
  }

  /** At most four digits, without zeros that say nothing: {@code 8}, {@code 0.5}. */
  static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e9
        ? format("%.0f", value)
        : format("%.4g", value).replaceFirst("(\\.\\d*?)0+$", "$1").replaceFirst("\\.$", "");
  }

  /** {@code 18 s}, {@code 2 min 05 s} or {@code 3 h 07 min}. */
  static String duration(double seconds) {
    long whole = Math.max(0, Math.round(seconds));
    if (whole < 60) {
      return whole + " s";
    }
    if (whole < 3600) {
      return format("%d min %02d s", whole / 60, whole % 60);
    }
    return format("%d h %02d min", whole / 3600, whole % 3600 / 60);
  }

  static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
