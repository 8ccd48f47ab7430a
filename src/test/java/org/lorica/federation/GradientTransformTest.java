package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.Example;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Clipper;
import org.lorica.privacy.GaussianNoiser;
import org.lorica.privacy.PoissonSampler;
import org.lorica.privacy.Release;
import org.lorica.random.RandomKey;
import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.Matrix;
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;

/** The seam between noise and optimizer. */
class GradientTransformTest {
  @TempDir private Path dir;
  private Model model;
  private AdapterSet start;

  @BeforeEach
  void load() {
    model = Models.load(TinyModels.bert(dir, 5), new CpuKernels());
    AdapterLayout layout =
        new AdapterLayout(TinyBackbones.queryAndValue(model), model.headModules(), 2, 1.0);
    start = AdapterInit.fresh(layout, model.headValues(), RandomKey.root(1));
  }

  /** Everything trains; the digest is the same for all, so that all draw the same noise. */
  private record Plan(List<GradientTransform> transforms) implements LocalPlan {
    @Override
    public boolean trains(TensorSlot slot, int step) {
      return true;
    }

    @Override
    public long digest() {
      return 77;
    }
  }

  private record Scaled(double factor) implements GradientTransform {
    @Override
    public Matrix apply(Role role, Matrix gradient, LoraFactors present, double scaling) {
      return gradient.scaled(factor);
    }

    @Override
    public long digest() {
      return 0;
    }
  }

  /** Replaces the gradient by the present values of the factor. */
  private record Present() implements GradientTransform {
    @Override
    public Matrix apply(Role role, Matrix gradient, LoraFactors present, double scaling) {
      return role == Role.A ? present.a() : present.b();
    }

    @Override
    public long digest() {
      return 0;
    }
  }

  private AdapterSet train(double q, int steps, List<GradientTransform> transforms) {
    ClientOptimizer.Settings sgd =
        new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 0.25, 0.25, 0.25);
    LocalTask task =
        new LocalTask(0, start, new Plan(transforms), new LocalTask.Training(steps, 4, 8, sgd));
    ClientTerms terms =
        new ClientTerms(
            new PoissonSampler(q),
            q,
            new Release(new Clipper(1), new GaussianNoiser(1, 1)),
            Release.PLAIN);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      examples.add(new Example(new int[] {1 + i, 2, 3}, i % TinyModels.CLASSES));
    }
    return new LocalTrainer(model.worker(start.layout()), task)
        .train(new Participant(0, 1, terms, RandomKey.root(9)), examples)
        .adapter();
  }

  @Test
  void theNoisedGradientOfFactorsPassesThroughInOrderAndTheHeadsDoesNot() {
    AdapterSet plain = train(0.7, 1, List.of());
    AdapterSet scaled = train(0.7, 1, List.of(new Scaled(6), new Scaled(0.5)));
    for (TensorSlot slot : start.layout().slots()) {
      Matrix before = start.tensor(slot);
      Matrix expected = plain.tensor(slot).minus(before);
      Matrix found = scaled.tensor(slot).minus(before);
      double factor = slot.role() == Role.HEAD ? 1 : 3;
      assertThat(expected.norm()).isPositive();
      assertThat(found.minus(expected.scaled(factor)).norm()).isLessThan(1e-5);
    }
  }

  /** θ ← θ − θ/4, twice: the second step must see the values that the first one left. */
  @Test
  void aTransformSeesTheFactorsBeforeEachStep() {
    AdapterSet trained = train(0, 2, List.of(new Present()));
    for (TensorSlot slot : start.layout().slots()) {
      if (slot.role() != Role.HEAD) {
        assertThat(trained.tensor(slot).norm())
            .isCloseTo(0.75 * 0.75 * start.tensor(slot).norm(), Offset.offset(1e-6));
      }
    }
  }
}
