package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What went wrong in a run, over all its rounds.
 *
 * @param voidRounds rounds in which too few clients trained
 * @param drops times that a client dropped out
 * @param clients that dropped out at least once
 * @param splits times that memory was full and a batch was computed in parts
 */
public record RunFaults(int voidRounds, int drops, SortedSet<Integer> clients, long splits) {
  /** A run as it should be. */
  public static final RunFaults NONE = new RunFaults(0, 0, Collections.emptySortedSet(), 0);

  private static final int NAMED = 20;

  public RunFaults {
    clients = Collections.unmodifiableSortedSet(new TreeSet<>(clients));
  }

  /** Counts lines of {@code rounds.jsonl}. */
  static RunFaults of(List<String> lines) {
    int voidRounds = 0;
    int drops = 0;
    long splits = 0;
    TreeSet<Integer> clients = new TreeSet<>();
    for (String line : lines) {
      JsonNode faults = Json.tree(line).path("faults");
      voidRounds += faults.path("status").asText().equals("void") ? 1 : 0;
      splits += faults.path("splits").asLong();
      for (JsonNode dropped : faults.path("dropped")) {
        drops++;
        clients.add(dropped.path("client").asInt());
      }
    }
    return new RunFaults(voidRounds, drops, clients, splits);
  }

  /** Lines for people; none where all went well. */
  List<String> words(int rounds) {
    List<String> words = new ArrayList<>();
    if (drops > 0) {
      String named =
          clients.stream().limit(NAMED).map(String::valueOf).collect(Collectors.joining(", "));
      words.add(
          Wording.format(
              "Dropped out %d times: %s %s%s (rounds.jsonl says when and why).",
              drops,
              clients.size() == 1 ? "client" : "clients",
              named,
              clients.size() > NAMED ? ", …" : ""));
    }
    if (voidRounds > 0) {
      words.add(
          Wording.format(
              "Void: %d of %d rounds, in which too few clients trained; they were charged.",
              voidRounds, rounds));
    }
    if (splits > 0) {
      words.add(
          Wording.format(
              "Split: memory was full %d times, and batches were computed in parts; the result is"
                  + " the same up to rounding. More memory (--off-heap) is faster.",
              splits));
    }
    if (!words.isEmpty()) {
      words.add(0, "");
    }
    return words;
  }
}
