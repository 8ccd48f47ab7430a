package org.lorica.federation;

import java.io.Serializable;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;

/** A client's optimizer; its state starts fresh every round. It sees noised gradients only. */
public interface ClientOptimizer {

  /**
   * Applies one step to {@code parameters} at the slot's place; gradient values start at {@code
   * from}.
   */
  void stepInPlace(TensorSlot slot, double[] gradient, int from, float[] parameters);

  /** Kind and learning rates (per factor). */
  record Settings(Kind kind, double learningRateA, double learningRateB, double learningRateHead)
      implements Serializable {
    /** The rate of a role. */
    public double rate(Role role) {
      return switch (role) {
        case A -> learningRateA;
        case B -> learningRateB;
        case HEAD -> learningRateHead;
      };
    }

    /** A fresh optimizer for an adapter of {@code size} values. */
    public ClientOptimizer start(int size) {
      return kind == Kind.SGD ? new Sgd(this) : new AdamW(this, size);
    }
  }

  /** Which update rule. */
  enum Kind {
    SGD,
    ADAMW
  }

  /** θ ← θ − η·g. */
  record Sgd(Settings settings) implements ClientOptimizer {
    @Override
    public void stepInPlace(TensorSlot slot, double[] gradient, int from, float[] parameters) {
      double rate = settings.rate(slot.role());
      for (int i = 0; i < slot.size(); i++) {
        int at = slot.offset() + i;
        parameters[at] = (float) (parameters[at] - rate * gradient[from + i]);
      }
    }
  }

  /**
   * AdamW without weight decay (arXiv 1711.05101): β = (0.9, 0.999), ε = 1e-8, bias-corrected per
   * tensor.
   */
  final class AdamW implements ClientOptimizer {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;
    private final Settings settings;
    private final double[] first;
    private final double[] second;
    private final java.util.Map<Integer, Integer> steps = new java.util.HashMap<>();

    AdamW(Settings settings, int size) {
      this.settings = settings;
      this.first = new double[size];
      this.second = new double[size];
    }

    @Override
    public void stepInPlace(TensorSlot slot, double[] gradient, int from, float[] parameters) {
      int step = steps.merge(slot.offset(), 1, Integer::sum);
      double c1 = 1 - Math.pow(BETA1, step);
      double c2 = 1 - Math.pow(BETA2, step);
      double rate = settings.rate(slot.role());
      for (int i = 0; i < slot.size(); i++) {
        int at = slot.offset() + i;
        double g = gradient[from + i];
        first[at] = BETA1 * first[at] + (1 - BETA1) * g;
        second[at] = BETA2 * second[at] + (1 - BETA2) * g * g;
        double update = first[at] / c1 / (Math.sqrt(second[at] / c2) + EPSILON);
        parameters[at] = (float) (parameters[at] - rate * update);
      }
    }
  }
}
