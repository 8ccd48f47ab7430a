package org.lorica.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a complete run left behind, without what may differ between two equal runs: times and the
 * folder's name.
 *
 * @param adapter all bytes, in hexadecimal digits
 * @param rounds lines of rounds.jsonl without the seconds
 */
public record RunResult(String adapter, List<String> rounds, String privacy, String summary) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of the only run in a folder of runs. */
  public static RunResult of(Path runs) throws IOException {
    Path run = only(runs);
    if (run.getFileName().toString().endsWith(".incomplete")) {
      throw new IllegalStateException(run + " is not complete");
    }
    List<String> rounds = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("rounds.jsonl"))) {
      ObjectNode round = (ObjectNode) JSON.readTree(line);
      round.remove("seconds");
      rounds.add(round.toString());
    }
    // how long something took is no result
    String summary =
        Files.readString(run.resolve("summary.txt")).replaceAll("(?m)^Evaluation: .*$", "");
    return new RunResult(
        HexFormat.of()
            .formatHex(Files.readAllBytes(run.resolve("adapter/adapter_model.safetensors"))),
        rounds,
        Files.readString(run.resolve("privacy.json")),
        summary.substring(0, summary.indexOf("Files: ")));
  }

  /** The only folder in {@code runs}. */
  public static Path only(Path runs) throws IOException {
    try (Stream<Path> folders = Files.list(runs)) {
      List<Path> all = folders.toList();
      if (all.size() != 1) {
        throw new IllegalStateException("expected one run, found " + all);
      }
      return all.get(0);
    }
  }

  /** Rounds that the only run in {@code runs} has written down so far; 0 if there is none yet. */
  public static int roundsIn(Path runs) {
    try {
      if (!Files.isDirectory(runs)) {
        return 0;
      }
      try (Stream<Path> folders = Files.list(runs)) {
        Path rounds = folders.findFirst().map(f -> f.resolve("rounds.jsonl")).orElse(null);
        return rounds != null && Files.exists(rounds) ? Files.readAllLines(rounds).size() : 0;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A copy of a run folder, with the files' rights. */
  public static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
    return to;
  }
}
