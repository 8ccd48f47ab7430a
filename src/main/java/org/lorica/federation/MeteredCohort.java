package org.lorica.federation;

import java.util.List;
import org.lorica.lora.AdapterLayout;
import org.lorica.sketch.ClientMessage;
import org.lorica.tensor.Matrix;

/** Counts what a real deployment would send per client (float32) and the seconds of aggregation. */
final class MeteredCohort implements Cohort {
  private final Cohort cohort;
  private final AdapterLayout layout;
  private long valuesUp = 0;
  private long valuesDown = 0;
  private double seconds = 0;

  MeteredCohort(Cohort cohort, AdapterLayout layout) {
    this.cohort = cohort;
    this.layout = layout;
  }

  @Override
  public List<Matrix> weightedSum(ClientMessage message) {
    long start = System.nanoTime();
    List<Matrix> sum = cohort.weightedSum(message);
    seconds += (System.nanoTime() - start) / 1e9;
    valuesUp += message.valuesUp(layout);
    valuesDown += message.valuesDown();
    return sum;
  }

  @Override
  public TrainingStats stats() {
    return cohort.stats();
  }

  @Override
  public int terms() {
    return cohort.terms();
  }

  @Override
  public List<ClientFailure> failures() {
    return cohort.failures();
  }

  @Override
  public void close() {
    cohort.close();
  }

  long bytesUp() {
    return valuesUp * Float.BYTES;
  }

  /** Exchanges only; the adapter at the start of the round comes on top. */
  long bytesDown() {
    return valuesDown * Float.BYTES;
  }

  double seconds() {
    return seconds;
  }
}
