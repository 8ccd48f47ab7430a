package org.lorica.spark;

import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Counts what all tasks of an application do, from its own start on. */
public final class TaskMeter extends SparkListener {
  private final LongAdder tasks = new LongAdder();
  private final LongAdder resultBytes = new LongAdder();
  private final LongAdder runMillis = new LongAdder();

  /**
   * Counts so far.
   *
   * @param resultBytes serialized results that came to the driver
   * @param runSeconds that tasks computed for, summed over slots
   */
  public record Count(long tasks, long resultBytes, double runSeconds) {
    /** What was added since {@code earlier}. */
    public Count since(Count earlier) {
      return new Count(
          tasks - earlier.tasks,
          resultBytes - earlier.resultBytes,
          runSeconds - earlier.runSeconds);
    }
  }

  /** A meter that is told of every task of {@code context} from now on. */
  public static TaskMeter on(JavaSparkContext context) {
    TaskMeter meter = new TaskMeter();
    context.sc().addSparkListener(meter);
    return meter;
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    TaskMetrics metrics = end.taskMetrics();
    tasks.increment();
    if (metrics != null) { // Spark has none for a task that was lost
      resultBytes.add(metrics.resultSize());
      runMillis.add(metrics.executorRunTime());
    }
  }

  /** The counts; Spark tells of a task a moment after it ended. */
  public Count count() {
    return new Count(tasks.sum(), resultBytes.sum(), runMillis.sum() / 1e3);
  }
}
