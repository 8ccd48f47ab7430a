package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.Example;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
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
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;

class LocalTrainerTest {
  private static final double C = 0.5;
  private static final double BATCH = 4;

  @TempDir private Path dir;
  private Model model;
  private AdapterLayout layout;
  private AdapterSet start;

  @BeforeEach
  void load() throws IOException {
    model = Models.load(TinyModels.bert(dir, 5), new CpuKernels());
    layout = new AdapterLayout(TinyBackbones.queryAndValue(model), List.of(), 2, 1.0);
    start = AdapterInit.fresh(layout, new float[0], RandomKey.root(1));
  }

  private static List<Example> examples(int count) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      examples.add(new Example(new int[] {1 + i % 7, 2, 3 + i % 11, 4}, i % TinyModels.CLASSES));
    }
    return examples;
  }

  private ClientUpdate train(double q, double sigma, int micro, Role trained) {
    ClientOptimizer.Settings sgd = new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 1, 1, 1);
    LocalTask task =
        new LocalTask(
            0,
            start,
            LocalPlan.always(Set.of(trained)),
            new LocalTask.Training(1, BATCH, micro, sgd));
    ClientTerms terms =
        new ClientTerms(
            new PoissonSampler(q),
            q,
            new Release(new Clipper(C), new GaussianNoiser(sigma, C)),
            Release.PLAIN);
    return new LocalTrainer(model.worker(layout), task)
        .train(new Participant(0, 1, terms, RandomKey.root(9)), examples(12));
  }

  private double moved(ClientUpdate update, Role role) {
    double sum = 0;
    for (TensorSlot slot : layout.slots()) {
      if (slot.role() == role) {
        double norm = update.adapter().tensor(slot).minus(start.tensor(slot)).norm();
        sum += norm * norm;
      }
    }
    return Math.sqrt(sum);
  }

  @Test
  void anEmptyBatchIsAStepLikeAnyOtherAndMovesByTheNoiseAlone() {
    ClientUpdate update = train(0, 2.0, 8, Role.B);
    assertThat(update.stats().examples()).isZero();
    int size =
        layout.slots().stream().filter(s -> s.role() == Role.B).mapToInt(TensorSlot::size).sum();
    // ‖noise‖ = σ·C/b·χ_size; five deviations of χ wide
    double expected = 2.0 * C / BATCH * Math.sqrt(size);
    assertThat(moved(update, Role.B)).isBetween(expected * 0.4, expected * 1.6);
    assertThat(moved(train(0, 0, 8, Role.B), Role.B)).isZero();
  }

  @Test
  void withoutNoiseOneStepIsBoundedByTheClipAndThePublicDenominator() {
    ClientUpdate update = train(1, 0, 8, Role.B);
    assertThat(update.stats().examples()).isEqualTo(12);
    assertThat(moved(update, Role.B)).isPositive().isLessThanOrEqualTo(12 * C / BATCH * (1 + 1e-6));
  }

  @Test
  void onlyTheActiveFactorMoves() {
    assertThat(moved(train(1, 1, 8, Role.B), Role.A)).isZero();
    assertThat(moved(train(1, 1, 8, Role.A), Role.B)).isZero();
    assertThat(moved(train(1, 1, 8, Role.A), Role.A)).isPositive();
  }

  @Test
  void theMicroBatchChangesNoDrawAndNothingBeyondRounding() {
    float[] one = train(0.6, 1, 1, Role.B).adapter().toArray();
    float[] all = train(0.6, 1, 64, Role.B).adapter().toArray();
    for (int i = 0; i < one.length; i++) {
      assertThat(one[i]).isCloseTo(all[i], Offset.offset(1e-6f));
    }
  }

  /** With one SGD step of rate 1 the step is the noised gradient itself. */
  @Test
  void theLastNoisedGradientsEnergyIsToldSlotBySlot() {
    ClientUpdate update = train(0.6, 1, 8, Role.B);
    List<TensorSlot> slots = layout.slots();
    for (int s = 0; s < slots.size(); s++) {
      double norm = update.adapter().tensor(slots.get(s)).minus(start.tensor(slots.get(s))).norm();
      assertThat(update.trained().gradientEnergy().get(s))
          .isCloseTo(norm * norm, Offset.offset(1e-5));
    }
    assertThat(update.trained().gradientEnergy().get(0)).isPositive();
    assertThat(update.trained().gradientEnergy().get(1)).isZero();
  }

  @Test
  void theCohortsNoiseIsAFunctionOfWeightsAndTerms() {
    ClientTerms one =
        new ClientTerms(
            new PoissonSampler(1),
            1,
            new Release(new Clipper(C), new GaussianNoiser(2, C)),
            Release.PLAIN);
    ClientTerms two = ClientTerms.withoutPrivacy(1);
    CohortNoise noise =
        CohortNoise.of(
            List.of(
                new Participant(0, 0.25, one, RandomKey.root(9)),
                new Participant(1, 0.75, two, RandomKey.root(9))),
            BATCH);
    double variance = Math.pow(2 * C / BATCH, 2);
    assertThat(noise.ofMean()).isCloseTo(variance / 16, Offset.offset(1e-15));
    assertThat(noise.ofClient()).isCloseTo(variance / 4, Offset.offset(1e-15));
    assertThat(noise.ofChange()).isZero();
  }

  /** privacy.unit = client: messages are noised, or their sum by a trusted server. */
  @Test
  void theCohortsNoiseIsThatOfMessagesWhereTheyAreNoised() {
    Release release = new Release(new Clipper(C), new GaussianNoiser(2, C));
    ClientTerms message = new ClientTerms(new PoissonSampler(1), 1, Release.PLAIN, release);
    ClientTerms none = ClientTerms.withoutPrivacy(1);
    CohortNoise local =
        CohortNoise.of(
            List.of(
                new Participant(0, 0.25, message, RandomKey.root(9)),
                new Participant(1, 0.75, none, RandomKey.root(9))),
            BATCH);
    assertThat(local.ofMean()).isZero();
    assertThat(local.ofChange()).isCloseTo(Math.pow(2 * C / 4, 2), Offset.offset(1e-15));
    CohortNoise central =
        CohortNoise.of(List.of(new Participant(0, 1, none, RandomKey.root(9))), BATCH)
            .plusCentral(release, 3);
    assertThat(central.ofChange()).isCloseTo(Math.pow(2 * C / 3, 2), Offset.offset(1e-15));
  }

  @Test
  void trainingAgainGivesTheSameBits() {
    assertThat(train(0.5, 1, 8, Role.B).adapter()).isEqualTo(train(0.5, 1, 8, Role.B).adapter());
  }
}
