package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.BaseUpdate;
import org.lorica.lora.GradientSpace;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.model.PerExampleGradients;
import org.lorica.model.Predictions;
import org.lorica.model.Worker;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Clipper;
import org.lorica.privacy.GaussianNoiser;
import org.lorica.privacy.PoissonSampler;
import org.lorica.privacy.Release;
import org.lorica.random.RandomKey;
import org.lorica.tensor.CpuKernels;
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;

/** The probe against uᵀHu with H formed column by column from gradients. */
class LossCurvatureProbeTest {
  @TempDir private Path dir;
  private Model model;
  private AdapterLayout layout;
  private AdapterSet adapter;
  private ActiveTensors active;
  private List<List<Integer>> groups;

  @BeforeEach
  void load() throws IOException {
    model = Models.load(TinyModels.bert(dir, 5), new CpuKernels());
    layout = new AdapterLayout(TinyBackbones.queryAndValue(model), model.headModules(), 1, 2.0);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.5 * RandomKey.root(2).gaussian(i));
    }
    adapter = AdapterSet.of(layout, values);
    active = ActiveTensors.of(layout, slot -> slot.role() != Role.A);
    groups = List.of(List.of(0, 2), List.of(4), List.of());
  }

  private static List<Example> batch(int count) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      examples.add(new Example(new int[] {1 + i, 2, 3 + 2 * i, 4}, i % TinyModels.CLASSES));
    }
    return examples;
  }

  private double[] meanGradient(Worker worker, float[] at, List<Example> batch) {
    double[] factors = new double[batch.size()];
    java.util.Arrays.fill(factors, 1.0 / batch.size());
    double[] sum = new double[active.size()];
    worker.gradients(at, active, batch).addScaledTo(factors, sum);
    return sum;
  }

  /** uᵀHu over one group, H's columns by central differences of gradients. */
  private double dense(Worker worker, List<Integer> group, double[] direction) {
    double h = 0x1p-6;
    List<Integer> places = new ArrayList<>(); // in the packed vector
    List<Integer> parameters = new ArrayList<>(); // in the adapter
    int from = 0;
    for (int s = 0; s < layout.slots().size(); s++) {
      TensorSlot slot = layout.slots().get(s);
      if (active.slots().contains(slot)) {
        for (int i = 0; group.contains(s) && i < slot.size(); i++) {
          places.add(from + i);
          parameters.add(slot.offset() + i);
        }
        from += slot.size();
      }
    }
    double squares = 0;
    double form = 0;
    for (int j = 0; j < places.size(); j++) {
      squares += direction[places.get(j)] * direction[places.get(j)];
      for (int sign = -1; sign <= 1; sign += 2) {
        float[] moved = adapter.toArray();
        moved[parameters.get(j)] += (float) (sign * h);
        double[] gradient = meanGradient(worker, moved, batch(6));
        for (int i : places) {
          form += direction[i] * direction[places.get(j)] * sign * gradient[i] / (2 * h);
        }
      }
    }
    return squares == 0 ? 0 : form / squares;
  }

  @Test
  void theSecondDifferenceIsTheHessiansFormAlongTheGroupsGradient() {
    Worker worker = model.worker(layout);
    int positive = 0;
    for (int draw = 0; draw < 24; draw++) {
      double[] direction = meanGradient(worker, adapter.toArray(), batch(6));
      if (draw > 0) {
        RandomKey.root(draw).addGaussiansInPlace(1, direction);
      }
      List<Double> found =
          new LossCurvatureProbe(worker, layout, groups)
              .at(adapter.toArray(), batch(6), active, direction);
      for (int g = 0; g < groups.size(); g++) {
        double expected = Math.max(0, dense(worker, groups.get(g), direction));
        positive += expected > 0.2 ? 1 : 0;
        assertThat(found.get(g))
            .as("draw %d, group %d", draw, g)
            .isCloseTo(expected, within(0.03 + 0.05 * expected));
      }
    }
    assertThat(positive).as("directions in which there is something to see").isGreaterThan(2);
  }

  @Test
  void anEmptyBatchAndAZeroGradientGiveZero() {
    LossCurvatureProbe probe = new LossCurvatureProbe(model.worker(layout), layout, groups);
    double[] direction = new double[active.size()];
    assertThat(probe.at(adapter.toArray(), batch(6), active, direction)).containsOnly(0.0);
    java.util.Arrays.fill(direction, 1);
    assertThat(probe.at(adapter.toArray(), List.of(), active, direction))
        .containsExactly(0.0, 0.0, 0.0);
  }

  /** A plan of B alone that may ask for curvatures. */
  private record Plan(List<List<Integer>> lossCurvatureGroups) implements LocalPlan {
    @Override
    public boolean trains(TensorSlot slot, int step) {
      return slot.role() != Role.A;
    }

    @Override
    public long digest() {
      return LocalPlan.always(Set.of(Role.B)).digest();
    }
  }

  /** Counts forward passes. */
  private static final class Counting implements Worker {
    private final Worker worker;
    private int predictions = 0;

    Counting(Worker worker) {
      this.worker = worker;
    }

    @Override
    public void useBase(BaseUpdate update) {
      worker.useBase(update);
    }

    @Override
    public Predictions predict(float[] parameters, List<Example> batch) {
      predictions++;
      return worker.predict(parameters, batch);
    }

    @Override
    public PerExampleGradients gradients(
        float[] parameters, ActiveTensors tensors, List<Example> batch) {
      return worker.gradients(parameters, tensors, batch);
    }

    @Override
    public PerExampleGradients gradients(
        float[] parameters, ActiveTensors tensors, GradientSpace space, List<Example> batch) {
      return worker.gradients(parameters, tensors, space, batch);
    }
  }

  private ClientUpdate train(Worker worker, LocalPlan plan, double q) {
    ClientOptimizer.Settings sgd =
        new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 0.5, 0.5, 0.5);
    LocalTask task = new LocalTask(0, adapter, plan, new LocalTask.Training(3, 4, 8, sgd));
    ClientTerms terms =
        new ClientTerms(
            new PoissonSampler(q),
            q,
            new Release(new Clipper(0.5), new GaussianNoiser(0.1, 0.5)),
            Release.PLAIN);
    return new LocalTrainer(worker, task)
        .train(new Participant(0, 1, terms, RandomKey.root(9)), batch(6));
  }

  @Test
  void clientsMeasureInTheLastStepOnlyWhereThePlanAsksAndTrainNoDifferently() {
    Counting plain = new Counting(model.worker(layout));
    ClientUpdate without = train(plain, new Plan(List.of()), 1);
    assertThat(plain.predictions).isZero();
    assertThat(without.trained().lossCurvature()).isEmpty();

    Counting probed = new Counting(model.worker(layout));
    ClientUpdate with = train(probed, new Plan(groups), 1);
    assertThat(probed.predictions).isEqualTo(1 + 2 * 2); // the third group has no direction
    assertThat(with.trained().lossCurvature()).hasSize(3).anyMatch(k -> k > 0);
    assertThat(with.adapter()).isEqualTo(without.adapter());

    assertThat(train(probed, new Plan(groups), 0).trained().lossCurvature()).containsOnly(0.0);
  }
}
