package org.lorica.cli;

import java.util.List;
import org.lorica.federation.Cohort;
import org.lorica.federation.TrainingStats;
import org.lorica.sketch.ClientMessage;
import org.lorica.tensor.Matrix;

/** Counts the values that one client's messages have, and the seconds of the sums. */
final class TimedCohort implements Cohort {
  private final Cohort cohort;
  private long values = 0;
  private double seconds = 0;

  TimedCohort(Cohort cohort) {
    this.cohort = cohort;
  }

  @Override
  public List<Matrix> weightedSum(ClientMessage message) {
    long begin = System.nanoTime();
    List<Matrix> sum = cohort.weightedSum(message);
    seconds += (System.nanoTime() - begin) / 1e9;
    for (Matrix matrix : sum) {
      values += (long) matrix.rows() * matrix.cols();
    }
    return sum;
  }

  @Override
  public TrainingStats stats() {
    return cohort.stats();
  }

  @Override
  public void close() {
    cohort.close();
  }

  /** Of all messages of one client. */
  long values() {
    return values;
  }

  /** Of all sums. */
  double seconds() {
    return seconds;
  }
}
