package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.testing.TinyScenario;

class StartTimingsTest {
  private static final Pattern LINE =
      Pattern.compile("^  (\\S[a-z ]*\\S) +([0-9.]+) s$", Pattern.MULTILINE);

  @TempDir private Path dir;

  /** What {@code --timings} printed: seconds by phase, the sum among them. */
  static Map<String, Double> timings(Path dir, String... settings) throws IOException {
    StringWriter out = new StringWriter();
    List<String> arguments = new ArrayList<>(TinyScenario.in(dir).arguments("train", settings));
    arguments.add("--timings");
    PrintWriter writer = new PrintWriter(out);
    assertThat(Main.execute(writer, writer, arguments.toArray(String[]::new))).isZero();
    assertThat(out.toString()).contains("from the command to the first training step:");
    Map<String, Double> seconds = new LinkedHashMap<>();
    for (Matcher line = LINE.matcher(out.toString()); line.find(); ) {
      seconds.put(line.group(1), Double.parseDouble(line.group(2)));
    }
    return seconds;
  }

  @Test
  void phasesFollowEachOtherAndSumUpToTheWallTime() throws InterruptedException {
    long begin = System.currentTimeMillis();
    StartTimings timings = StartTimings.fromNow();
    Thread.sleep(60);
    timings.done("one");
    Thread.sleep(30);
    long kept = System.currentTimeMillis();
    Thread.sleep(30);
    timings.done("two", OptionalLong.of(kept));
    timings.done("unknown", OptionalLong.empty());
    timings.done("three");
    double wall = (System.currentTimeMillis() - begin) / 1e3;
    assertThat(timings.phases()).containsOnlyKeys("one", "two", "three");
    assertThat(timings.phases().get("one")).isBetween(0.055, wall);
    assertThat(timings.phases().get("three")).isGreaterThan(0.02);
    assertThat(timings.phases().values().stream().mapToDouble(s -> s).sum())
        .isCloseTo(wall, within(0.01));
  }

  @Test
  void aRunInThreadsNamesItsPhases() throws IOException {
    long begin = System.nanoTime();
    Map<String, Double> seconds = timings(dir, "federation.engine=local", "federation.rounds=1");
    double wall = (System.nanoTime() - begin) / 1e9;
    assertThat(seconds.keySet())
        .containsExactly(
            "settings",
            "natives",
            "model",
            "data",
            "first evaluation",
            "privacy",
            "run folder",
            "first task",
            "sum",
            "processor time");
    double sum = seconds.get("sum");
    seconds.keySet().removeAll(List.of("sum", "processor time"));
    assertThat(seconds.values().stream().mapToDouble(s -> s).sum()).isCloseTo(sum, within(0.1));
    assertThat(sum).isBetween(0.01, wall);
  }
}
