package org.lorica.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final SettableClock clock = new SettableClock();
  private final ConsoleProgress progress = new ConsoleProgress(out, clock, 0);

  @Test
  void printsOneLineARoundInAnyLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      clock.seconds = 2;
      progress.print(Samples.round(3, 30));
    } finally {
      Locale.setDefault(before);
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "round  3/30 · loss 2.31 nats · accuracy 41.2 % · ε 2.10 · 18 s left"
                + System.lineSeparator());
  }

  @Test
  void timeLeftScalesWithTheRoundsToCome() {
    clock.seconds = 100;
    assertThat(progress.line(Samples.round(10, 30))).endsWith(" · 3 min 20 s left");
    assertThat(progress.line(Samples.round(30, 30))).endsWith(" · 0 s left");
    assertThat(progress.line(Samples.round(1, 1000))).endsWith(" · 27 h 45 min left");
  }

  @Test
  void leavesOutWhatWasNotMeasured() {
    RoundRecord record =
        new RoundRecord(
            1,
            2,
            new RoundRecord.Quality(
                OptionalDouble.empty(), OptionalDouble.empty(), "accuracy", OptionalDouble.empty()),
            OptionalDouble.empty(),
            4,
            RoundRecord.Faults.NONE,
            new RoundRecord.Traffic(1, 1),
            Map.of(),
            List.of());
    assertThat(progress.line(record)).isEqualTo("round 1/2 · ε not claimed · 0 s left");
  }

  @Test
  void roundsOutsideTheRunAreRefused() {
    assertThatThrownBy(() -> Samples.round(31, 30))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("round must be in 1..30, got 31");
  }

  private static final class SettableClock extends Clock {
    private long seconds;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Instant.ofEpochSecond(seconds);
    }
  }
}
