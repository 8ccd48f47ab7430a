package org.lorica.spark;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.TaskInfo;

/**
 * Task slots that stand idle while the last clients of a round train: what the sizes of clients and
 * partitions cost, not Spark.
 */
public final class SlotMeter extends SparkListener {
  private final int slots;
  private final Set<Integer> stages = new HashSet<>();
  private final List<Span> tasks = new ArrayList<>();

  /** When the driver launched a task and when it knew of its end, in milliseconds since 1970. */
  record Span(long begin, long end) {}

  private SlotMeter(int slots) {
    this.slots = slots;
  }

  /** A meter that is told of every task of {@code context} from now on. */
  public static SlotMeter on(JavaSparkContext context) {
    SlotMeter meter = new SlotMeter(context.defaultParallelism());
    context.sc().addSparkListener(meter);
    return meter;
  }

  @Override
  public synchronized void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    if (RoundStages.trains(submitted.stageInfo().name())) {
      stages.add(submitted.stageInfo().stageId());
    }
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
    if (stages.contains(end.stageId())) {
      TaskInfo task = end.taskInfo();
      tasks.add(new Span(task.launchTime(), task.finishTime()));
    }
  }

  /** Idle seconds since the last call, summed over slots; of one round if called after each. */
  public synchronized double takeIdleSeconds() {
    double idle = idleSeconds(tasks, slots);
    stages.clear();
    tasks.clear();
    return idle;
  }

  /**
   * From the moment when nothing waits for a slot any more: each of the last tasks, one a slot,
   * leaves its slot idle until the very last one ends; a slot that no task reached is idle
   * throughout.
   */
  static double idleSeconds(List<Span> tasks, int slots) {
    long begin = tasks.stream().mapToLong(Span::begin).min().orElse(0);
    long last = tasks.stream().mapToLong(Span::end).max().orElse(0);
    long after =
        tasks.stream()
            .map(Span::end)
            .sorted((a, b) -> Long.compare(b, a))
            .limit(slots)
            .mapToLong(end -> last - end)
            .sum();
    return (after + Math.max(0, slots - tasks.size()) * (last - begin)) / 1e3;
  }
}
