package org.lorica.cli;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.lorica.federation.Participant;
import org.lorica.federation.StepObserver;
import org.lorica.lora.ActiveTensors;

/**
 * Time, processor time and heap allocation between the releases of a trainer's steps: each spans
 * one whole DP step. Belongs to one thread.
 */
final class StepTimes implements StepObserver {
  private final ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final int warmUp;
  private final List<Long> wall = new ArrayList<>();
  private final List<Long> processor = new ArrayList<>();
  private final List<Long> allocated = new ArrayList<>();
  private int seen = 0;

  /**
   * An observer.
   *
   * @param warmUp steps that are not counted
   */
  StepTimes(int warmUp) {
    this.warmUp = warmUp;
  }

  @Override
  public void released(Participant participant, ActiveTensors active, double[] noisySum) {
    if (participant.client() == 0 && seen++ >= warmUp) {
      wall.add(System.nanoTime());
      processor.add(thread.getCurrentThreadCpuTime());
      allocated.add(thread.getCurrentThreadAllocatedBytes());
    }
  }

  /** Median milliseconds of a step. */
  double wallMillis() {
    return median(wall) / 1e6;
  }

  /** Median milliseconds of this thread's processor time in a step. */
  double processorMillis() {
    return median(processor) / 1e6;
  }

  /** Median bytes allocated on the heap by this thread in a step. */
  double allocatedBytes() {
    return median(allocated);
  }

  private static double median(List<Long> marks) {
    if (marks.size() < 2) {
      throw new IllegalStateException("at least one step must have been counted");
    }
    List<Long> spans = new ArrayList<>();
    for (int i = 1; i < marks.size(); i++) {
      spans.add(marks.get(i) - marks.get(i - 1));
    }
    return spans.stream().sorted().toList().get(spans.size() / 2);
  }
}
