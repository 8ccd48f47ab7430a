package org.lorica.report;

import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.StringJoiner;

/**
 * One line a round: {@code round 3/30 · loss 2.31 nats · accuracy 41.2 % · ε 2.10 · 18 s left}. The
 * time left assumes that the rounds to come take as long as those so far.
 */
public final class ConsoleProgress {
  private final PrintStream out;
  private final Clock clock;
  private final int roundsDone;
  private final Instant start;

  /**
   * Starts the clock: make it just before the first round that is to be run.
   *
   * @param roundsDone earlier, which took time that is not counted
   */
  public ConsoleProgress(PrintStream out, Clock clock, int roundsDone) {
    this.out = out;
    this.clock = clock;
    this.roundsDone = roundsDone;
    this.start = clock.instant();
  }

  public void print(RoundRecord record) {
    out.println(line(record));
    out.flush();
  }

  String line(RoundRecord record) {
    String total = Integer.toString(record.rounds());
    StringJoiner parts = new StringJoiner(" · ");
    parts.add(Wording.format("round %" + total.length() + "d/%s", record.round(), total));
    RoundRecord.Quality quality = record.quality();
    if (quality.testLoss().isPresent()) {
      parts.add(Wording.format("loss %.2f nats", quality.testLoss().getAsDouble()));
    } else if (quality.trainLoss().isPresent()) {
      parts.add(Wording.format("training loss %.2f nats", quality.trainLoss().getAsDouble()));
    }
    if (quality.metricValue().isPresent()) {
      parts.add(Wording.metric(quality.metric(), quality.metricValue().getAsDouble()));
    }
    parts.add(Wording.epsilon(record.epsilon()));
    Wording.faults(record.faults(), record.clients()).ifPresent(parts::add);
    double elapsed = Duration.between(start, clock.instant()).toNanos() / 1e9;
    double left = elapsed / (record.round() - roundsDone) * (record.rounds() - record.round());
    return parts.add(Wording.duration(left) + " left").toString();
  }
}
