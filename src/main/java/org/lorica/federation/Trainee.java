package org.lorica.federation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.GradientSpace;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.model.PerExampleGradients;
import org.lorica.model.Worker;
import org.lorica.privacy.NoiseShape;
import org.lorica.privacy.Release;
import org.lorica.random.DrawKey;
import org.lorica.random.Purpose;
import org.lorica.sketch.TrainedClient;
import org.lorica.tensor.Matrix;

/**
 * One client's DP-SGD: draws its batches, clips and noises its steps, and makes its message. {@link
 * LocalTrainer} computes the gradients, those of several clients at once where it can.
 */
final class Trainee {
  private static final long MESSAGE = 0; // steps count from 1

  private final Worker worker;
  private final LocalTask task;
  private final StepObserver observer;
  private final AdapterLayout layout;
  private final Participant participant;
  private final List<Example> examples;
  private final Release terms;
  private final float[] parameters;
  private final ClientOptimizer optimizer;
  private final DrawKey sampling;
  private final DrawKey noise;
  private TrainingStats stats = new TrainingStats(1, 0, 0, 0, 0);
  private List<Double> energy;
  private double crossTerms = 0;
  private List<Double> lossCurvature = List.of();
  private List<Example> batch = List.of();
  private double[] sum = new double[0];
  private double[] one = new double[0]; // a gradient that is rounded by itself

  Trainee(Worker worker, LocalTask task, StepObserver observer, LocalTrainer.Client client) {
    this.worker = worker;
    this.task = task;
    this.observer = observer;
    layout = task.global().layout();
    parameters = task.global().toArray();
    optimizer = task.training().optimizer().start(parameters.length);
    energy = Collections.nCopies(layout.slots().size(), 0.0);
    participant = client.participant();
    examples = client.examples();
    terms = participant.terms().step();
    // Draws of batches depend on (round, client, step) only, so that methods are compared on the
    // same batches. Noise also depends on what it is added to: the same noise on another sum
    // would cancel.
    long index = participant.client();
    sampling = participant.key().with(Purpose.SAMPLING).with(index);
    noise =
        participant
            .key()
            .with(Purpose.NOISE)
            .with(task.global().digest())
            .with(task.plan().digest())
            .with(index);
  }

  /** Draws the step's batch. */
  void draw(int step, ActiveTensors active) {
    batch = pick(examples, participant.terms().sampler().sample(sampling, step, examples.size()));
    int size = active.size();
    if (sum.length == size) {
      Arrays.fill(sum, 0);
    } else {
      sum = new double[size];
    }
  }

  /** The examples of the batch's next pass through the model. */
  List<Example> part(int pass) {
    int micro = terms.noiser().batch(task.training().microBatch());
    long from = Math.min(batch.size(), (long) pass * micro);
    return batch.subList((int) from, (int) Math.min(batch.size(), from + micro));
  }

  /** Clips gradients and adds them to the step's sum. */
  void add(PerExampleGradients gradients) {
    double[] factors = new double[gradients.examples()];
    long clipped = 0;
    long nonFinite = 0;
    long losses = 0;
    for (int e = 0; e < factors.length; e++) {
      double norm = gradients.norm(e);
      factors[e] = terms.factor(norm, sum.length);
      boolean finite = Double.isFinite(norm) && Double.isFinite(gradients.loss(e));
      clipped += finite && factors[e] < 1 ? 1 : 0;
      nonFinite += finite ? 0 : 1;
      losses += finite ? TrainingStats.lossOnGrid(gradients.loss(e)) : 0;
    }
    stats = stats.plus(new TrainingStats(0, factors.length, clipped, nonFinite, losses));
    addToSum(gradients, factors);
  }

  private void addToSum(PerExampleGradients gradients, double[] factors) {
    if (factors.length > 1 || terms.noiser().batch(2) > 1) {
      gradients.addScaledTo(factors, sum);
      return;
    }
    if (one.length != sum.length) {
      one = new double[sum.length];
    }
    Arrays.fill(one, 0);
    gradients.addScaledTo(factors, one);
    terms.noiser().roundInPlace(one);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += one[i];
    }
  }

  /** The flat adapter as it is now; not a copy. */
  float[] parameters() {
    return parameters;
  }

  /** Counts a pass that memory did not hold. */
  void countSplit() {
    stats = stats.plus(TrainingStats.SPLIT);
  }

  /** Noise on the clipped sum, and the optimizer's step. */
  void release(int step, ActiveTensors active) {
    terms.addNoiseInPlace(noise.with(step), shape(active), sum);
    observer.released(participant, active, sum);
    for (int i = 0; i < sum.length; i++) {
      sum[i] /= task.training().expectedBatch();
    }
    if (step == task.training().steps() && participant.terms().message().equals(Release.PLAIN)) {
      energy = energy(active, sum);
    }
    if (step == task.training().steps() && !task.plan().lossCurvatureGroups().isEmpty()) {
      lossCurvature =
          new LossCurvatureProbe(worker, layout, task.plan().lossCurvatureGroups())
              .at(parameters, batch, active, sum);
    }
    transformInPlace(active, sum);
    float[] before = measuresCrossTerm(active) ? parameters.clone() : null;
    int from = 0;
    for (TensorSlot slot : active.slots()) {
      optimizer.stepInPlace(slot, sum, from, parameters);
      from += slot.size();
    }
    if (before != null) {
      crossTerms += CrossTerm.of(AdapterSet.of(layout, before), AdapterSet.of(layout, parameters));
    }
  }

  /** What the client sends. */
  ClientUpdate finish() {
    releaseMessage();
    AdapterSet trained = AdapterSet.of(layout, parameters);
    return new ClientUpdate(
        participant,
        new TrainedClient(trained, energy, crossTerms / task.training().steps(), lossCurvature),
        stats);
  }

  /** Squared norm of the noised gradient for every slot of the layout, 0 for inactive ones. */
  private List<Double> energy(ActiveTensors active, double[] gradient) {
    List<Double> energy = new ArrayList<>();
    int from = 0;
    for (TensorSlot slot : layout.slots()) {
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
  private void transformInPlace(ActiveTensors active, double[] gradient) {
    if (task.plan().transforms().isEmpty()) {
      return;
    }
    AdapterSet present = AdapterSet.of(layout, parameters);
    int from = 0;
    for (TensorSlot slot : active.slots()) {
      if (slot.role() != Role.HEAD) {
        double[] part = Arrays.copyOfRange(gradient, from, from + slot.size());
        Matrix next = Matrix.of(slot.rows(), slot.cols(), part);
        LoraFactors factors = present.factors(slot.module());
        double scaling = layout.scaling(slot.module());
        for (GradientTransform transform : task.plan().transforms()) {
          next = transform.apply(slot.role(), next, factors, scaling);
        }
        System.arraycopy(next.toArray(), 0, gradient, from, slot.size());
      }
      from += slot.size();
    }
  }

  /** Clips and noises the whole change, where the message is what is protected. */
  private void releaseMessage() {
    Release message = participant.terms().message();
    if (message.equals(Release.PLAIN)) {
      return;
    }
    ActiveTensors trained = task.trained();
    float[] before = task.global().toArray();
    double[] change = AdapterChange.clipped(before, parameters, trained, message);
    message.noiser().addNoiseInPlace(noise.with(MESSAGE), change);
    System.arraycopy(before, 0, parameters, 0, before.length);
    AdapterChange.addInPlace(change, 1, trained, parameters);
  }

  /** Only where both factors move in one step is there one. */
  private boolean measuresCrossTerm(ActiveTensors active) {
    return task.training().measured() == LocalTask.Measured.CROSS_TERMS
        && active.slots().stream().anyMatch(slot -> slot.role() == Role.A)
        && active.slots().stream().anyMatch(slot -> slot.role() == Role.B);
  }

  /** White where the factors' own gradients were clipped; else B's is the product's times Aᵀ. */
  private NoiseShape shape(ActiveTensors active) {
    if (task.plan().clipSpace() == GradientSpace.FACTORS) {
      return NoiseShape.WHITE;
    }
    List<TensorSlot> products =
        active.slots().stream().filter(slot -> slot.role() == Role.B).toList();
    return NoiseShape.ofImages(
        products.stream().map(TensorSlot::rows).toList(),
        products.stream().map(slot -> task.global().factors(slot.module()).a()).toList());
  }

  private static List<Example> pick(List<Example> examples, int[] batch) {
    List<Example> picked = new ArrayList<>(batch.length);
    for (int index : batch) {
      picked.add(examples.get(index));
    }
    return picked;
  }
}
