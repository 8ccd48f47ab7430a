package org.lorica.federation;

import java.util.List;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.model.PerExampleGradients;
import org.lorica.model.Worker;
import org.lorica.random.RandomKey;

/**
 * Greatest Hessian eigenvalue (in magnitude) of the mean loss with respect to all factors, by power
 * iteration on a fixed batch. Products Hv are central differences of gradients, (g(θ+hv) −
 * g(θ−hv))/2h.
 *
 * @param batch public examples
 * @param iterations of the power method; the result is the last Rayleigh quotient
 * @param step h: large enough for the model's precision, small against the adapter
 */
record TopCurvature(List<Example> batch, int iterations, double step) {
  TopCurvature {
    batch = List.copyOf(batch);
    if (batch.isEmpty() || iterations < 1 || !(step > 0)) {
      throw new IllegalArgumentException(
          "batch, iterations and step must be > 0, got "
              + batch.size()
              + ", "
              + iterations
              + " and "
              + step);
    }
  }

  /**
   * The eigenvalue at {@code adapter}, nats.
   *
   * @param key of the first direction
   */
  double at(Worker worker, AdapterSet adapter, RandomKey key) {
    worker.useBase(adapter.base());
    ActiveTensors active = ActiveTensors.of(adapter.layout(), s -> s.role() != Role.HEAD);
    double[] v = new double[active.size()];
    key.addGaussiansInPlace(1, v);
    normaliseInPlace(v);
    double quotient = 0;
    for (int i = 0; i < iterations; i++) {
      double[] up = gradient(worker, adapter, active, v, step);
      double[] down = gradient(worker, adapter, active, v, -step);
      double[] hv = new double[v.length];
      quotient = 0;
      for (int j = 0; j < v.length; j++) {
        hv[j] = (up[j] - down[j]) / (2 * step);
        quotient += v[j] * hv[j];
      }
      if (!normaliseInPlace(hv)) {
        return 0;
      }
      v = hv;
    }
    return quotient;
  }

  private static boolean normaliseInPlace(double[] v) {
    double squares = 0;
    for (double value : v) {
      squares += value * value;
    }
    if (!(squares > 0) || Double.isInfinite(squares)) {
      return false;
    }
    double scale = 1 / Math.sqrt(squares);
    for (int i = 0; i < v.length; i++) {
      v[i] *= scale;
    }
    return true;
  }

  /** Mean gradient at θ + h·v; the head stands last in every layout, so offsets agree. */
  private double[] gradient(
      Worker worker, AdapterSet adapter, ActiveTensors active, double[] v, double h) {
    float[] moved = adapter.toArray();
    for (int i = 0; i < v.length; i++) {
      moved[i] = (float) (moved[i] + h * v[i]);
    }
    PerExampleGradients gradients = worker.gradients(moved, active, batch);
    double[] factors = new double[batch.size()];
    java.util.Arrays.fill(factors, 1.0 / batch.size());
    double[] sum = new double[v.length];
    gradients.addScaledTo(factors, sum);
    return sum;
  }
}
