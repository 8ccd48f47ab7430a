package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchRoundIT {
  @Test
  void printsRatesAndARowForEveryMethod() {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    assertThat(
            Main.execute(
                out,
                out,
                "bench",
                "round",
                "--clients=3",
                "--rank=2",
                "--partitions=2",
                "--repeats=1"))
        .isZero();
    List<String> lines = text.toString().lines().toList();
    // 24 modules of 768 x 768, rank 2
    assertThat(lines).contains("3 clients x 73,728 values, 2 partitions");
    assertThat(lines)
        .filteredOn(line -> line.matches("\\| (fedavg|ffa|fedask|fedsvd)[^|]*(\\| +[0-9.]+ )+\\|"))
        .hasSize(5);
    assertThat(lines)
        .filteredOn(
            line -> line.matches("\\| (a\\[i]|fixed-point) [^|]*(\\| [0-9.]+ \\| [0-9]+ % ){2}\\|"))
        .hasSize(3);
  }

  @Test
  void refusesNumbersThatAreNone() {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    assertThat(Main.execute(out, out, "bench", "round", "--clients=0")).isEqualTo(1);
    assertThat(text.toString()).contains("--clients, --rank", "must be > 0, got [0, 8, 32, 3]");
  }
}
