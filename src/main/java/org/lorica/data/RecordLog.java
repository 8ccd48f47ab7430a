package org.lorica.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was left out or cut while data was read, for the run's summary. */
public final class RecordLog {
  private final Map<String, Integer> skipped = new LinkedHashMap<>();
  private final Map<String, String> firstOf = new LinkedHashMap<>();
  private int records = 0;
  private int cut = 0;

  /** Counts a record that is used. */
  public synchronized void use() {
    records++;
  }

  /** Counts a record that was left out, with the place of the first for each reason. */
  public synchronized void skip(String reason, String place) {
    skipped.merge(reason, 1, Integer::sum);
    firstOf.putIfAbsent(reason, place);
  }

  /** Counts a text that is longer than the model takes. */
  public synchronized void cut() {
    cut++;
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
    return cut;
  }

  /** A line each for what was left out and what was cut; empty if nothing was. */
  public synchronized List<String> lines() {
    List<String> lines = new ArrayList<>();
    skipped.forEach(
        (reason, count) ->
            lines.add(
                count + " records left out: " + reason + " (first: " + firstOf.get(reason) + ")"));
    if (cut > 0) {
      lines.add(cut + " texts were longer than model.max-length and were cut");
    }
    return lines;
  }
}
