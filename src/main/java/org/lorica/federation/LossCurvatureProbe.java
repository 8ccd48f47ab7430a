package org.lorica.federation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.TensorSlot;
import org.lorica.model.Predictions;
import org.lorica.model.Worker;

/**
 * Directional second differences of a batch's mean loss, one for each group of tensors: κ̂ = (L(θ +
 * h·u) − 2L(θ) + L(θ − h·u))/h² with u = g/‖g‖ over the group's active tensors (AS-LoRA, arXiv
 * 2605.05769). Reads un-noised losses of private examples: no ε covers the result. Costs 1 +
 * 2·groups forward passes of the batch.
 *
 * @param groups places of each group's tensors among the layout's slots
 */
record LossCurvatureProbe(Worker worker, AdapterLayout layout, List<List<Integer>> groups) {
  /**
   * h over max(1, ‖active factor‖). In single precision a loss is good to some 1e-7, hence κ̂ to
   * some 1e-2 at the shortest step; a longer one measures the loss's fourth derivative too. The
   * floor is for B, which starts at zero.
   */
  static final double STEP = 0x1p-7;

  /** Greatest result, so that a sum over clients stays on its grid. */
  static final double GREATEST = 0x1p16;

  /**
   * max(κ̂, 0) of every group, nats per squared length; 0 where the batch is empty or the gradient
   * is zero. Examples with a loss that is not finite are left out.
   *
   * @param parameters θ, the flat adapter before the step; unchanged
   * @param gradient over the active tensors in their order
   */
  List<Double> at(
      float[] parameters, List<Example> batch, ActiveTensors active, double[] gradient) {
    if (batch.isEmpty()) {
      return Collections.nCopies(groups.size(), 0.0);
    }
    Predictions here = worker.predict(parameters, batch);
    List<Double> curvatures = new ArrayList<>();
    for (List<Integer> group : groups) {
      double[] direction = direction(group, active, gradient);
      double length = norm(direction);
      if (!(length > 0 && Double.isFinite(length))) {
        curvatures.add(0.0);
        continue;
      }
      double h = STEP * Math.max(1, norm(parameters, group));
      Predictions up = worker.predict(moved(parameters, direction, h / length), batch);
      Predictions down = worker.predict(moved(parameters, direction, -h / length), batch);
      curvatures.add(Math.min(GREATEST, Math.max(0, secondDifference(down, here, up) / (h * h))));
    }
    return curvatures;
  }

  private static double secondDifference(Predictions down, Predictions here, Predictions up) {
    double sum = 0;
    int finite = 0;
    for (int e = 0; e < here.examples(); e++) {
      double difference = up.loss(e) - 2 * here.loss(e) + down.loss(e);
      if (Double.isFinite(difference)) {
        sum += difference;
        finite++;
      }
    }
    return finite == 0 ? 0 : sum / finite;
  }

  /** The gradient's part in the group, at its places in the whole adapter; 0 elsewhere. */
  private double[] direction(List<Integer> group, ActiveTensors active, double[] gradient) {
    double[] direction = new double[layout.size()];
    int from = 0;
    for (TensorSlot slot : active.slots()) {
      if (group.contains(layout.slots().indexOf(slot))) {
        System.arraycopy(gradient, from, direction, slot.offset(), slot.size());
      }
      from += slot.size();
    }
    return direction;
  }

  private double norm(float[] parameters, List<Integer> group) {
    double squares = 0;
    for (int place : group) {
      TensorSlot slot = layout.slots().get(place);
      for (int i = slot.offset(); i < slot.end(); i++) {
        squares += (double) parameters[i] * parameters[i];
      }
    }
    return Math.sqrt(squares);
  }

  private static double norm(double[] values) {
    double squares = 0;
    for (double value : values) {
      squares += value * value;
    }
    return Math.sqrt(squares);
  }

  private static float[] moved(float[] parameters, double[] direction, double scale) {
    float[] moved = parameters.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] = (float) (moved[i] + scale * direction[i]);
    }
    return moved;
  }
}
