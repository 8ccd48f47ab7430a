package org.lorica.spark;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/** When an application launched its first task. */
public final class FirstTask extends SparkListener {
  private final AtomicLong launched = new AtomicLong();

  /** Watches an application from now on. */
  public static FirstTask of(JavaSparkContext context) {
    FirstTask first = new FirstTask();
    context.sc().addSparkListener(first);
    return first;
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart start) {
    launched.compareAndSet(0, start.taskInfo().launchTime());
  }

  /** In milliseconds since 1970, by the driver's clock; empty before Spark told of a task. */
  public OptionalLong launched() {
    long millis = launched.get();
    return millis == 0 ? OptionalLong.empty() : OptionalLong.of(millis);
  }
}
