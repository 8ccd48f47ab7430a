package org.lorica.federation;

import java.util.List;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.privacy.DiscreteGaussianNoiser;
import org.lorica.privacy.Release;
import org.lorica.random.DrawKey;
import org.lorica.sketch.ClientMessage;
import org.lorica.sketch.TrainedClient;
import org.lorica.tensor.Matrix;

/**
 * Client-level privacy with a trusted server (arXiv 1710.06963): every client's change of the
 * adapter is clipped as one vector, the changes are summed, and the sum is noised once and divided
 * by the public expected cohort. What a strategy does with the result is post-processing.
 *
 * @param trained all tensors that the round's plan trains at any step
 * @param expectedCohort the public denominator
 */
record CentralRelease(Release release, ActiveTensors trained, double expectedCohort) {

  /** The clipped change, as one message of weight 1. */
  record ClippedChange(AdapterSet global, ActiveTensors trained, Release release)
      implements ClientMessage {

    @Override
    public List<Matrix> from(TrainedClient client) {
      double[] change =
          AdapterChange.clipped(global.toArray(), client.adapter().toArray(), trained, release);
      double unit = unit(release);
      for (int i = 0; i < change.length; i++) {
        change[i] *= unit;
      }
      return List.of(Matrix.of(1, change.length, change));
    }

    @Override
    public long valuesUp(AdapterLayout layout) {
      return trained.size();
    }

    @Override
    public long valuesDown() {
      return 0;
    }
  }

  /** Whole grid steps of discrete noise pass through the fixed-point sum exactly as 2^−20 each. */
  private static double unit(Release release) {
    return release.noiser() instanceof DiscreteGaussianNoiser ? 0x1p-20 : 1;
  }

  /**
   * The global adapter moved by the noised mean change, standing for the whole cohort. An empty
   * cohort is a release like any other: noise alone.
   */
  Cohort noised(Cohort cohort, AdapterSet global, DrawKey key) {
    double[] sum = new double[trained.size()];
    // of nobody too: the bytes of a round must not tell that nobody came
    List<Matrix> total = cohort.weightedSum(new ClippedChange(global, trained, release));
    for (int i = 0; i < sum.length && !total.isEmpty(); i++) {
      sum[i] = total.get(0).at(0, i) / unit(release);
    }
    release.noiser().addNoiseInPlace(key, sum);
    float[] next = global.toArray();
    AdapterChange.addInPlace(sum, 1 / expectedCohort, trained, next);
    return new One(AdapterSet.of(global.layout(), next), cohort.stats());
  }

  /** A single adapter in the place of a cohort. */
  private record One(AdapterSet adapter, TrainingStats stats) implements Cohort {
    @Override
    public List<Matrix> weightedSum(ClientMessage message) {
      return message.from(TrainedClient.untrained(adapter));
    }

    @Override
    public int terms() {
      return 1;
    }

    @Override
    public void close() {}
  }
}
