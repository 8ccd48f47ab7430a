package org.lorica.federation;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.BaseUpdate;
import org.lorica.model.PerExampleGradients;
import org.lorica.model.Predictions;
import org.lorica.model.Worker;

/**
 * A worker whose canary examples have a gradient of their own: one coordinate of the active
 * tensors, far longer than the clip. Everything else goes to the real model.
 */
public final class CanaryWorker implements Worker {
  private final Worker inner;
  private final double length;
  private final IdentityHashMap<Example, Integer> canaries = new IdentityHashMap<>();

  /**
   * @param canaries told apart by identity; the j-th one has the j-th coordinate of {@link
   *     #coordinate}
   * @param length of their gradients
   */
  public CanaryWorker(Worker inner, List<Example> canaries, double length) {
    this.inner = inner;
    this.length = length;
    for (int j = 0; j < canaries.size(); j++) {
      this.canaries.put(canaries.get(j), j);
    }
  }

  /** Canaries are spread over all active tensors: the place of the {@code j}-th of {@code of}. */
  static int coordinate(int j, int of, ActiveTensors active) {
    return (int) ((long) j * active.size() / of);
  }

  @Override
  public void useBase(BaseUpdate base) {
    inner.useBase(base);
  }

  @Override
  public Predictions predict(float[] adapter, List<Example> batch) {
    return inner.predict(adapter, batch);
  }

  @Override
  public int mostExamples() {
    return inner.mostExamples();
  }

  @Override
  public PerExampleGradients gradients(float[] adapter, ActiveTensors active, List<Example> batch) {
    List<Example> real = batch.stream().filter(e -> !canaries.containsKey(e)).toList();
    if (real.size() == batch.size()) {
      return inner.gradients(adapter, active, batch);
    }
    List<Integer> places = new ArrayList<>(); // ≥ 0: coordinate; < 0: −1 − index among the real
    int seen = 0;
    for (Example example : batch) {
      Integer canary = canaries.get(example);
      places.add(canary == null ? -1 - seen++ : coordinate(canary, canaries.size(), active));
    }
    return new Mixed(
        real.isEmpty() ? null : inner.gradients(adapter, active, real), List.copyOf(places));
  }

  private final class Mixed implements PerExampleGradients {
    private final PerExampleGradients real;
    private final List<Integer> places;

    Mixed(PerExampleGradients real, List<Integer> places) {
      this.real = real;
      this.places = places;
    }

    @Override
    public int examples() {
      return places.size();
    }

    @Override
    public double loss(int example) {
      int place = places.get(example);
      return place < 0 ? real.loss(-1 - place) : 0;
    }

    @Override
    public double norm(int example) {
      int place = places.get(example);
      return place < 0 ? real.norm(-1 - place) : length;
    }

    @Override
    public void addScaledTo(double[] factors, double[] sum) {
      List<Double> realFactors = new ArrayList<>();
      for (int e = 0; e < factors.length; e++) {
        int place = places.get(e);
        if (place < 0) {
          realFactors.add(factors[e]);
        } else {
          sum[place] += factors[e] * length;
        }
      }
      if (!realFactors.isEmpty()) {
        real.addScaledTo(realFactors.stream().mapToDouble(Double::doubleValue).toArray(), sum);
      }
    }
  }
}
