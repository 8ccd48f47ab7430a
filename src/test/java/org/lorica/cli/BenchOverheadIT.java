package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class BenchOverheadIT {
  private record Answer(int code, List<String> lines) {}

  private static Answer overhead(String... options) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    String[] all =
        Stream.concat(Stream.of("bench", "overhead"), Arrays.stream(options))
            .toArray(String[]::new);
    int code = Main.execute(out, out, all);
    return new Answer(code, text.toString().lines().toList());
  }

  @Test
  void sharesOfSlotTimeAddUpAndTheTwinWithoutSparkStandsBeside() {
    Answer answer =
        overhead(
            "--rounds=4",
            "--repeats=1",
            "--set=federation.clients-per-round=5",
            "--set=federation.clients-per-partition=1",
            "--set=federation.local-steps=2");
    assertThat(answer.code()).as("%s", answer.lines()).isZero();
    double[] spark = row(answer, "spark");
    assertThat(spark[0]).isEqualTo(5);
    assertThat(spark[4]).as("slots train").isBetween(1.0, 100.0);
    assertThat(spark[5]).as("idle").isBetween(0.0, 100.0);
    assertThat(spark[4] + spark[5] + spark[6]).isEqualTo(100, Offset.offset(0.2));
    double[] local = row(answer, "local");
    assertThat(local).hasSize(5);
    assertThat(local[4]).isBetween(1.0, 100.0);
  }

  /** The numbers of a row, in order. */
  private static double[] row(Answer answer, String engine) {
    String row =
        answer.lines().stream()
            .filter(line -> line.startsWith("| " + engine + " "))
            .findFirst()
            .orElseThrow();
    return Arrays.stream(row.split("[| %]+"))
        .filter(cell -> cell.matches("-?[0-9.]+"))
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  @Test
  void refusesShapesAndNumbersThatMakeNoSense() {
    assertThat(overhead("--shape=vit-tiny").lines())
        .anyMatch(line -> line.contains("--shape must be one that reads text, got vit-tiny"));
    Answer unknown = overhead("--shape=round");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.lines()).anyMatch(line -> line.contains("--shape must be one of [encoder,"));
    assertThat(overhead("--rounds=2").lines())
        .anyMatch(line -> line.contains("--rounds must be > 2 and --repeats > 0, got 2 and 2"));
  }
}
