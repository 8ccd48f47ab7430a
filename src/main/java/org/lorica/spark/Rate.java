package org.lorica.spark;

import com.codahale.metrics.Gauge;
import java.util.function.LongSupplier;

/** Growth of a counter per second since this was last asked. */
final class Rate implements Gauge<Double> {
  private final LongSupplier counter;
  private final LongSupplier nanoseconds;
  private long lastCount;
  private long lastTime;

  Rate(LongSupplier counter, LongSupplier nanoseconds) {
    this.counter = counter;
    this.nanoseconds = nanoseconds;
    this.lastCount = counter.getAsLong();
    this.lastTime = nanoseconds.getAsLong();
  }

  @Override
  public synchronized Double getValue() {
    long count = counter.getAsLong();
    long time = nanoseconds.getAsLong();
    double seconds = (time - lastTime) / 1e9;
    double rate = seconds > 0 ? (count - lastCount) / seconds : 0;
    lastCount = count;
    lastTime = time;
    return rate;
  }
}
