package org.lorica.strategy;

import java.util.List;
import org.lorica.federation.Cohort;
import org.lorica.federation.RoundContext;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.sketch.GradientEnergy;
import org.lorica.sketch.LossCurvature;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;

/**
 * What one round's active factor of a layer was worth: an estimate of its squared mean gradient,
 * less what a step of that length would lose to curvature (AS-LoRA, arXiv 2605.05769). Reads noised
 * quantities and public ones only, but for {@link Curvature#PRIVATE_UNSAFE}.
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
    STRUCTURAL,
    /**
     * The same with κ measured: the mean over clients of max(κ̂, 0), κ̂ a second difference of the
     * client's un-noised batch loss along its noised gradient. One number a layer is sent, and no ε
     * covers it.
     */
    PRIVATE_UNSAFE
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
    List<Energy> energies =
        source == Source.DISPLACEMENT
            ? displacement(round, next, active)
            : gradient(round, cohort, active);
    List<Double> kappas = kappas(round, cohort, active);
    return ProductSketch.each(
        active.modes(),
        l -> score(size(round, active, l), active.modes().get(l), energies.get(l), kappas.get(l)));
  }

  /** The factor that every layer trained. */
  record Active(Layers layers, List<Role> modes) {
    Active {
      modes = List.copyOf(modes);
    }

    List<Integer> slots(int layer) {
      return layers.slots(layer, modes.get(layer));
    }

    /** The same of all layers. */
    List<List<Integer>> groups() {
      return ProductSketch.each(modes, this::slots);
    }
  }

  private List<Energy> displacement(RoundContext round, AdapterSet next, Active active) {
    List<TensorSlot> slots = round.global().layout().slots();
    return ProductSketch.each(
        active.modes(),
        l -> {
          double length = steps.rate(active.modes().get(l)) * steps.count();
          double variance = // of one value of G
              round.noise().ofMean() / steps.count() + round.noise().ofChange() / (length * length);
          double energy = 0;
          for (int slot : active.slots(l)) {
            Matrix moved =
                round.global().tensor(slots.get(slot)).minus(next.tensor(slots.get(slot)));
            double norm = moved.norm() / length;
            energy += norm * norm;
          }
          return new Energy(energy, variance);
        });
  }

  private List<Energy> gradient(RoundContext round, Cohort cohort, Active active) {
    Matrix means = cohort.weightedSum(new GradientEnergy(active.groups())).get(0);
    double variance = round.noise().ofClient();
    return ProductSketch.each(
        active.modes(), l -> new Energy(means.at(0, l) * size(round, active, l), variance));
  }

  /** Squared norm as measured, and the noise's variance in each of its values. */
  private record Energy(double measured, double variance) {}

  private double score(long size, Role role, Energy energy, double kappa) {
    double noise = size * energy.variance();
    double signal = energy.measured() - noise;
    double loss = 0.5 * steps.rate(role) * kappa * (signal + noise);
    return signal - loss;
  }

  private static long size(RoundContext round, Active active, int layer) {
    List<TensorSlot> slots = round.global().layout().slots();
    return active.slots(layer).stream().mapToLong(s -> slots.get(s).size()).sum();
  }

  private List<Double> kappas(RoundContext round, Cohort cohort, Active active) {
    return switch (curvature) {
      case NONE -> ProductSketch.each(active.modes(), l -> 0.0);
      case STRUCTURAL -> ProductSketch.each(active.modes(), l -> bound(round, active, l));
      case PRIVATE_UNSAFE -> {
        Matrix means = cohort.weightedSum(new LossCurvature(active.modes().size())).get(0);
        yield ProductSketch.each(active.modes(), l -> means.at(0, l));
      }
    };
  }

  private static double bound(RoundContext round, Active active, int layer) {
    AdapterSet global = round.global();
    double greatest = 0;
    for (int m : active.layers().modules().get(layer)) {
      LoraFactors f = global.factors(global.layout().modules().get(m).name());
      Matrix other = active.modes().get(layer) == Role.A ? f.b() : f.a();
      double s = global.layout().scaling(m);
      greatest = Math.max(greatest, s * LinearAlgebra.svd(other).values().at(0));
    }
    return greatest * greatest;
  }
}
