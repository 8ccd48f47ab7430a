package org.lorica.federation;

import java.util.List;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.GradientSpace;
import org.lorica.lora.TensorSlot;
import org.lorica.model.Lane;
import org.lorica.model.PerExampleGradients;
import org.lorica.model.Worker;
import org.lorica.tensor.DeviceMemoryException;

/**
 * Local DP-SGD of one client (arXiv 1607.00133 on LoRA factors): Poisson batch, per-example clip of
 * the joint norm over the active tensors, noise once on the sum, division by the public expected
 * batch size. An empty batch is a step like any other.
 */
public final class LocalTrainer {
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
    List<Trainee> trainees =
        clients.stream().map(client -> new Trainee(worker, task, observer, client)).toList();
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
        gradients = worker.gradients(trainee.parameters(), active, space, batch.subList(from, to));
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
    return trainees.stream().map(t -> new Lane(t.parameters(), t.part(pass))).toList();
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
}
