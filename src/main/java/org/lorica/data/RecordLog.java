package org.lorica.data;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What was left out or cut while data was read, for the run's summary. */
public final class RecordLog {
  private static final double UNLIKE = 0.5; // shares of texts

  /** What a text is for. */
  public enum Use {
    TRAINING("training"),
    HELD_OUT("held-out");

    private final String label;

    Use(String label) {
      this.label = label;
    }
  }

  private final Map<String, Integer> skipped = new LinkedHashMap<>();
  private final Map<String, String> firstOf = new LinkedHashMap<>();
  private final Map<Use, Integer> texts = new EnumMap<>(Use.class);
  private final Map<Use, Integer> cut = new EnumMap<>(Use.class);
  private final Map<Use, Integer> blank = new EnumMap<>(Use.class);
  private int records = 0;

  /** Counts a record that is used. */
  public synchronized void use() {
    records++;
  }

  /** Counts a record that was left out, with the place of the first for each reason. */
  public synchronized void skip(String reason, String place) {
    skipped.merge(reason, 1, Integer::sum);
    firstOf.putIfAbsent(reason, place);
  }

  /** Counts a text of {@code length} tokens, of which the model takes {@code maxLength}. */
  public synchronized void encode(Use use, int length, int maxLength) {
    texts.merge(use, 1, Integer::sum);
    if (length > maxLength) {
      cut.merge(use, 1, Integer::sum);
    }
  }

  /** Counts an encoded text whose last token is white space. */
  public synchronized void endBlank(Use use) {
    blank.merge(use, 1, Integer::sum);
  }

  /** Records used. */
  public synchronized int used() {
    return records;
  }

  /** Records left out. */
  public synchronized int skipped() {
    return skipped.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Texts that were cut. */
  public synchronized int cutTexts() {
    return cut.values().stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * A line each for what was left out, what was cut, and whether training and held-out texts end
   * differently; empty if nothing was.
   */
  public synchronized List<String> lines() {
    List<String> lines = new ArrayList<>();
    skipped.forEach(
        (reason, count) ->
            lines.add(
                count + " records left out: " + reason + " (first: " + firstOf.get(reason) + ")"));
    if (!cut.isEmpty()) {
      lines.add(
          cut.keySet().stream().map(use -> of(use, cut)).collect(Collectors.joining(" and "))
              + " were longer than model.max-length and were cut");
    }
    if (texts.size() == Use.values().length
        && Math.abs(blankShare(Use.TRAINING) - blankShare(Use.HELD_OUT)) > UNLIKE) {
      lines.add(
          texts.keySet().stream().map(use -> of(use, blank)).collect(Collectors.joining(" but "))
              + " end with a token of white space, which a head that reads the last token sees:"
              + " make both alike");
    }
    return lines;
  }

  /** Each with its total: held-out texts are often the longer ones, which one sum would hide. */
  private String of(Use use, Map<Use, Integer> counts) {
    return counts.getOrDefault(use, 0) + " of " + texts.get(use) + " " + use.label + " texts";
  }

  private double blankShare(Use use) {
    return blank.getOrDefault(use, 0) / (double) texts.get(use);
  }
}
