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
import org.lorica.model.Lane;
import org.lorica.model.PerExampleGradients;
import org.lorica.model.Worker;
import org.lorica.privacy.NoiseShape;
import org.lorica.privacy.Release;
import org.lorica.random.DrawKey;
import org.lorica.random.Purpose;
import org.lorica.sketch.TrainedClient;
import org.lorica.tensor.DeviceMemoryException;
import org.lorica.tensor.Matrix;

/**
 * Local DP-SGD of one client (arXiv 1607.00133 on LoRA factors): Poisson batch, per-example clip of
 * the joint norm over the active tensors, noise once on the sum, division by the public expected
 * batch size. An empty batch is a step like any other.
 */
public final class LocalTrainer {
  private static final long MESSAGE = 0; // steps count from 1

  private final Worker worker;
  private final LocalTask task;
  private final StepObserver observer;
  private final List<TensorSlot> slots; // of the layout
  private ActiveTensors active; // of the last step; null before the first

  public LocalTrainer(Worker worker, LocalTask task) {
    this(worker, task, StepObserver.NONE);
  }

  /** A trainer that is watched. */
  public LocalTrainer(Worker worker, LocalTask task, StepObserver observer) {
    this.worker = worker;
    this.task = task;
    this.observer = observer;
    this.slots = List.copyOf(task.global().layout().slots());
  }

  /**
   * Trains the participant from the round's global adapter. The result is a function of the
   * arguments alone.
   */
  public ClientUpdate train(Participant participant, List<Example> examples) {
    return train(List.of(new Client(participant, examples))).get(0);
  }

  /** A participant and the examples it holds. */
  public record Client(Participant participant, List<Example> examples) {}

  /**
   * Trains several participants in lock-step through one frozen backbone. Each draws, clips and
   * noises as it would alone; its gradients are those it would have alone, up to the rounding of
   * matrix products of another height.
   */
  public List<ClientUpdate> train(List<Client> clients) {
    worker.useBase(task.global().base());
    List<Trainee> trainees = clients.stream().map(Trainee::new).toList();
    for (int step = 1; step <= task.training().steps(); step++) {
      active = isAsBefore(step) ? active : active(step);
      for (Trainee trainee : trainees) {
        trainee.draw(step, active);
      }
      addClippedGradients(trainees, active);
      for (Trainee trainee : trainees) {
        trainee.release(step, active);
      }
    }
    return trainees.stream().map(Trainee::finish).toList();
  }

  /** One client's state while it trains. */
  private final class Trainee {
    private final Participant participant;
    private final List<Example> examples;
    private final Release terms;
    private final float[] parameters = task.global().toArray();
    private final ClientOptimizer optimizer = task.training().optimizer().start(parameters.length);
    private final DrawKey sampling;
    private final DrawKey noise;
    private TrainingStats stats = new TrainingStats(1, 0, 0, 0, 0);
    private List<Double> energy = Collections.nCopies(task.global().layout().slots().size(), 0.0);
    private double crossTerms = 0;
    private List<Double> lossCurvature = List.of();
    private List<Example> batch = List.of();
    private double[] sum = new double[0];
    private double[] one = new double[0]; // a gradient that is rounded by itself

    Trainee(Client client) {
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
            new LossCurvatureProbe(
                    worker, task.global().layout(), task.plan().lossCurvatureGroups())
                .at(parameters, batch, active, sum);
      }
      transformInPlace(parameters, active, sum);
      float[] before = measuresCrossTerm(active) ? parameters.clone() : null;
      int from = 0;
      for (TensorSlot slot : active.slots()) {
        optimizer.stepInPlace(slot, sum, from, parameters);
        from += slot.size();
      }
      if (before != null) {
        AdapterLayout layout = task.global().layout();
        crossTerms +=
            CrossTerm.of(AdapterSet.of(layout, before), AdapterSet.of(layout, parameters));
      }
    }

    ClientUpdate finish() {
      LocalTrainer.this.release(participant.terms().message(), noise.with(MESSAGE), parameters);
      AdapterSet trained = AdapterSet.of(task.global().layout(), parameters);
      return new ClientUpdate(
          participant,
          new TrainedClient(trained, energy, crossTerms / task.training().steps(), lossCurvature),
          stats);
    }
  }

  private void addClippedGradients(List<Trainee> trainees, ActiveTensors active) {
    GradientSpace space = task.plan().clipSpace();
    if (trainees.size() == 1 || space != GradientSpace.FACTORS) {
      for (Trainee trainee : trainees) {
        List<Example> part = trainee.part(0);
        for (int pass = 1; !part.isEmpty(); pass++) {
          addInParts(trainee, active, space, part);
          part = trainee.part(pass);
        }
      }
      return;
    }
    List<Lane> lanes = lanes(trainees, 0);
    for (int pass = 1; !lanes.stream().allMatch(lane -> lane.batch().isEmpty()); pass++) {
      addTogether(trainees, active, lanes);
      lanes = lanes(trainees, pass);
    }
  }

  /** One pass for all, or one a client where a device's memory does not hold all of them. */
  private void addTogether(List<Trainee> trainees, ActiveTensors active, List<Lane> lanes) {
    int examples = lanes.stream().mapToInt(lane -> lane.batch().size()).sum();
    List<PerExampleGradients> gradients = List.of();
    if (examples <= worker.mostExamples()) {
      try {
        gradients = worker.gradients(lanes, active);
      } catch (DeviceMemoryException full) {
        trainees.get(0).countSplit(); // the worker takes fewer at once from now on
      }
    }
    if (!gradients.isEmpty()) {
      // memory that is full only now is not caught here: nothing may be added a second time
      for (int i = 0; i < trainees.size(); i++) {
        if (gradients.get(i).examples() > 0) {
          trainees.get(i).add(gradients.get(i));
        }
      }
      return;
    }
    for (int i = 0; i < trainees.size(); i++) {
      addInParts(trainees.get(i), active, GradientSpace.FACTORS, lanes.get(i).batch());
    }
  }

  /**
   * Clipped gradients of a batch, in as many passes as a device's memory needs: examples do not
   * meet below the sum.
   */
  private void addInParts(
      Trainee trainee, ActiveTensors active, GradientSpace space, List<Example> batch) {
    int from = 0;
    while (from < batch.size()) {
      int to = (int) Math.min(batch.size(), (long) from + worker.mostExamples());
      PerExampleGradients gradients;
      try {
        gradients = worker.gradients(trainee.parameters, active, space, batch.subList(from, to));
      } catch (DeviceMemoryException full) {
        if (to - from == 1 || worker.mostExamples() >= to - from) {
          throw full; // fewer would not do, or the worker would fail on as many for ever
        }
        trainee.countSplit();
        continue;
      }
      trainee.add(gradients);
      from = to;
    }
  }

  private static List<Lane> lanes(List<Trainee> trainees, int pass) {
    return trainees.stream().map(t -> new Lane(t.parameters, t.part(pass))).toList();
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
    AdapterLayout layout = task.global().layout();
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
  private void release(Release message, DrawKey noise, float[] parameters) {
    if (message.equals(Release.PLAIN)) {
      return;
    }
    ActiveTensors trained = task.trained();
    float[] before = task.global().toArray();
    double[] change = AdapterChange.clipped(before, parameters, trained, message);
    message.noiser().addNoiseInPlace(noise, change);
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

  /** Whether the step trains what the last one did: most plans' steps do. */
  private boolean isAsBefore(int step) {
    if (active == null) {
      return false;
    }
    List<TensorSlot> before = active.slots();
    int same = 0;
    for (int i = 0; i < slots.size(); i++) {
      if (task.plan().trains(slots.get(i), step)) {
        if (same == before.size() || !before.get(same).equals(slots.get(i))) {
          return false;
        }
        same++;
      }
    }
    return same == before.size();
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
}
