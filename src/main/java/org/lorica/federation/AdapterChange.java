package org.lorica.federation;

import org.lorica.lora.ActiveTensors;
import org.lorica.lora.TensorSlot;
import org.lorica.privacy.Release;

/** What a client changed in a round, over the tensors that it may train, as one flat vector. */
final class AdapterChange {
  private AdapterChange() {}

  /** after − before, clipped as one vector and brought to the noiser's grid. */
  static double[] clipped(float[] before, float[] after, ActiveTensors trained, Release release) {
    double[] change = new double[trained.size()];
    double squares = 0;
    int at = 0;
    for (TensorSlot slot : trained.slots()) {
      for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
        change[at] = (double) after[i] - before[i];
        squares += change[at] * change[at];
        at++;
      }
    }
    double factor = release.factor(Math.sqrt(squares), change.length);
    for (int i = 0; i < change.length; i++) {
      change[i] = factor == 0 ? 0 : change[i] * factor; // 0·NaN would be NaN
    }
    release.noiser().roundInPlace(change);
    return change;
  }

  /** values += scale·change. */
  static void addInPlace(double[] change, double scale, ActiveTensors trained, float[] values) {
    int at = 0;
    for (TensorSlot slot : trained.slots()) {
      for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
        values[i] = (float) (values[i] + scale * change[at++]);
      }
    }
  }
}
