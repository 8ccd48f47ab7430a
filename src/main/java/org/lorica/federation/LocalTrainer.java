package org.lorica.federation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.model.PerExampleGradients;
import org.lorica.model.Worker;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Clipper;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;
import org.lorica.sketch.TrainedClient;
import org.lorica.tensor.Matrix;

/**
 * Local DP-SGD of one client (arXiv 1607.00133 on LoRA factors): Poisson batch, per-example clip of
 * the joint norm over the active tensors, noise once on the sum, division by the public expected
 * batch size. An empty batch is a step like any other.
 */
public final class LocalTrainer {
  private final Worker worker;
  private final LocalTask task;

  public LocalTrainer(Worker worker, LocalTask task) {
    this.worker = worker;
    this.task = task;
  }

  /**
   * Trains the participant from the round's global adapter. The result is a function of the
   * arguments alone.
   */
  public ClientUpdate train(Participant participant, List<Example> examples) {
    worker.useBase(task.global().base());
    ClientTerms terms = participant.terms();
    float[] parameters = task.global().toArray();
    ClientOptimizer optimizer = task.training().optimizer().start(parameters.length);
    long client = participant.client();
    RandomKey round = task.root().with(task.round());
    RandomKey sampling = round.with(Purpose.SAMPLING).with(client);
    RandomKey noise =
        round
            .with(Purpose.NOISE)
            .with(task.global().digest())
            .with(task.plan().digest())
            .with(client);
    TrainingStats stats = new TrainingStats(1, 0, 0, 0, 0);
    List<Double> energy = List.of();
    for (int step = 1; step <= task.training().steps(); step++) {
      ActiveTensors active = active(step);
      double[] sum = new double[active.size()];
      int[] batch = terms.sampler().sample(sampling.with(step), examples.size());
      stats =
          stats.plus(
              addClippedGradients(parameters, active, pick(examples, batch), terms.clipper(), sum));
      terms.noiser().addNoiseInPlace(noise.with(step), sum);
      for (int i = 0; i < sum.length; i++) {
        sum[i] /= task.training().expectedBatch();
      }
      if (step == task.training().steps()) {
        energy = energy(active, sum);
      }
      transformInPlace(parameters, active, sum);
      int from = 0;
      for (TensorSlot slot : active.slots()) {
        optimizer.stepInPlace(slot, sum, from, parameters);
        from += slot.size();
      }
    }
    AdapterSet trained = AdapterSet.of(task.global().layout(), parameters);
    return new ClientUpdate(participant, new TrainedClient(trained, energy), stats);
  }

  /** Squared norm of the noised gradient for every slot of the layout, 0 for inactive ones. */
  private List<Double> energy(ActiveTensors active, double[] gradient) {
    List<Double> energy = new ArrayList<>();
    int from = 0;
    for (TensorSlot slot : task.global().layout().slots()) {
      double sum = 0;
      if (active.slots().contains(slot)) {
        for (int i = from; i < from + slot.size(); i++) {
          sum += gradient[i] * gradient[i];
        }
        from += slot.size();
      }
      energy.add(sum);
    }
    return energy;
  }

  /** Post-processing of the noised mean gradient, factor by factor; a head's stays as it is. */
  private void transformInPlace(float[] parameters, ActiveTensors active, double[] gradient) {
    if (task.plan().transforms().isEmpty()) {
      return;
    }
    AdapterSet present = AdapterSet.of(task.global().layout(), parameters);
    int from = 0;
    for (TensorSlot slot : active.slots()) {
      if (slot.role() != Role.HEAD) {
        double[] part = Arrays.copyOfRange(gradient, from, from + slot.size());
        Matrix next = Matrix.of(slot.rows(), slot.cols(), part);
        for (GradientTransform transform : task.plan().transforms()) {
          next = transform.apply(slot.role(), next, present.factors(slot.module()));
        }
        System.arraycopy(next.toArray(), 0, gradient, from, slot.size());
      }
      from += slot.size();
    }
  }

  private ActiveTensors active(int step) {
    return ActiveTensors.of(task.global().layout(), slot -> task.plan().trains(slot, step));
  }

  private static List<Example> pick(List<Example> examples, int[] batch) {
    List<Example> picked = new ArrayList<>(batch.length);
    for (int index : batch) {
      picked.add(examples.get(index));
    }
    return picked;
  }

  private TrainingStats addClippedGradients(
      float[] parameters,
      ActiveTensors active,
      List<Example> batch,
      Clipper clipper,
      double[] sum) {
    TrainingStats stats = TrainingStats.NONE;
    int micro = task.training().microBatch();
    for (int from = 0; from < batch.size(); from += micro) {
      List<Example> part = batch.subList(from, Math.min(batch.size(), from + micro));
      PerExampleGradients gradients = worker.gradients(parameters, active, part);
      double[] factors = new double[part.size()];
      for (int e = 0; e < factors.length; e++) {
        double norm = gradients.norm(e);
        factors[e] = clipper.factor(norm);
        boolean finite = Double.isFinite(norm) && Double.isFinite(gradients.loss(e));
        stats =
            stats.plus(
                new TrainingStats(
                    0,
                    1,
                    finite && factors[e] < 1 ? 1 : 0,
                    finite ? 0 : 1,
                    finite ? TrainingStats.lossOnGrid(gradients.loss(e)) : 0));
      }
      gradients.addScaledTo(factors, sum);
    }
    return stats;
  }
}
