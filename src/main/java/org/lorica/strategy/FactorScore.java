package org.lorica.strategy;

import java.util.List;
import org.lorica.federation.Cohort;
import org.lorica.federation.RoundContext;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.sketch.GradientEnergy;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;

/**
 * What one round's active factor of a layer was worth: an estimate of its squared mean gradient,
 * less what a step of that length would lose to curvature (AS-LoRA, arXiv 2605.05769). Reads noised
 * quantities and public ones only.
 *
 * @param steps of a round, for lengths and noise
 */
record FactorScore(Source source, Curvature curvature, Steps steps) {

  /** Where the gradient's energy is read. */
  enum Source {
    /**
     * From how far the mean of the factor moved: G = (θ before − θ after)/(η·τ); nothing is sent.
     */
    DISPLACEMENT,
    /** From the clients' last noised gradients: one number a layer is sent. */
    GRADIENT
  }

  /** What is taken off. */
  enum Curvature {
    NONE,
    /**
     * ½·η·κ·(g² + noise energy) with κ = s²·‖other factor‖₂², the Gauss–Newton bound of the block
     * up to the model's own curvature; the greatest over the layer's modules.
     */
    STRUCTURAL
  }

  /**
   * Steps of clients.
   *
   * @param count τ
   */
  record Steps(int count, double learningRateA, double learningRateB) {
    Steps {
      if (!(learningRateA > 0 && learningRateB > 0)) {
        throw new IllegalArgumentException(
            "optimizer.learning-rate-a and -b must be > 0 for aslora, which tells gradients from"
                + " steps, got "
                + learningRateA
                + " and "
                + learningRateB);
      }
    }

    double rate(Role role) {
      return role == Role.A ? learningRateA : learningRateB;
    }
  }

  /** Scores of the active factors, one a layer. */
  List<Double> of(RoundContext round, AdapterSet next, Cohort cohort, Active active) {
    return source == Source.DISPLACEMENT
        ? displacement(round, next, active)
        : gradient(round, cohort, active);
  }

  /** The factor that every layer trained. */
  record Active(Layers layers, List<Role> modes) {
    Active {
      modes = List.copyOf(modes);
    }

    List<Integer> slots(int layer) {
      return layers.slots(layer, modes.get(layer));
    }
  }

  private List<Double> displacement(RoundContext round, AdapterSet next, Active active) {
    List<TensorSlot> slots = round.global().layout().slots();
    double variance = round.noise().ofMean() / steps.count(); // of one value of G
    return ProductSketch.each(
        active.modes(),
        l -> {
          double energy = 0;
          for (int slot : active.slots(l)) {
            Matrix moved =
                round.global().tensor(slots.get(slot)).minus(next.tensor(slots.get(slot)));
            double norm = moved.norm() / (steps.rate(active.modes().get(l)) * steps.count());
            energy += norm * norm;
          }
          return score(round, active, l, new Energy(energy, variance));
        });
  }

  private List<Double> gradient(RoundContext round, Cohort cohort, Active active) {
    List<List<Integer>> groups = ProductSketch.each(active.modes(), active::slots);
    Matrix means = cohort.weightedSum(new GradientEnergy(groups)).get(0);
    double variance = round.noise().ofClient();
    return ProductSketch.each(
        active.modes(),
        l -> {
          double energy = means.at(0, l) * size(round, active, l);
          return score(round, active, l, new Energy(energy, variance));
        });
  }

  /** Squared norm as measured, and the noise's variance in each of its values. */
  private record Energy(double measured, double variance) {}

  private double score(RoundContext round, Active active, int layer, Energy energy) {
    double noise = size(round, active, layer) * energy.variance();
    double signal = energy.measured() - noise;
    Role role = active.modes().get(layer);
    double loss = 0.5 * steps.rate(role) * kappa(round, active, layer) * (signal + noise);
    return signal - loss;
  }

  private static long size(RoundContext round, Active active, int layer) {
    List<TensorSlot> slots = round.global().layout().slots();
    return active.slots(layer).stream().mapToLong(s -> slots.get(s).size()).sum();
  }

  private double kappa(RoundContext round, Active active, int layer) {
    if (curvature == Curvature.NONE) {
      return 0;
    }
    AdapterSet global = round.global();
    double greatest = 0;
    for (int m : active.layers().modules().get(layer)) {
      LoraFactors f = global.factors(global.layout().modules().get(m).name());
      Matrix other = active.modes().get(layer) == Role.A ? f.b() : f.a();
      greatest = Math.max(greatest, LinearAlgebra.svd(other).values().at(0));
    }
    double s = global.layout().scaling();
    return s * s * greatest * greatest;
  }
}
