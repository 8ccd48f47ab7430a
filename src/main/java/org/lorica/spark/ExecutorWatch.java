package org.lorica.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Ends the jobs of an application whose executors come and go without ever finishing a task. Spark
 * itself would start one after the other for ever, in silence.
 */
public final class ExecutorWatch extends SparkListener {
  private static final int MOST = 12;

  private final JavaSparkContext context;
  private final int most;
  private int lost = 0;

  private ExecutorWatch(JavaSparkContext context, int most) {
    this.context = context;
    this.most = most;
  }

  /** Watches an application from now on. */
  public static void on(JavaSparkContext context) {
    on(context, MOST);
  }

  /**
   * The same with another patience.
   *
   * @param most executors that may be lost in a row
   */
  static void on(JavaSparkContext context, int most) {
    context.sc().addSparkListener(new ExecutorWatch(context, most));
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
    if (end.taskInfo().successful()) {
      lost = 0;
    }
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved event) {
    lost++;
    if (lost == most) {
      lost = 0;
      System.err.printf(
          "lorica: %d executors in a row were lost, the last one: %s%n",
          most, event.reason().strip().split("\\R", 2)[0]);
      context.cancelAllJobs();
    }
  }
}
