package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.Example;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.lora.TargetModules;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.privacy.BatchSampler;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Clipper;
import org.lorica.privacy.GaussianNoiser;
import org.lorica.privacy.PoissonSampler;
import org.lorica.privacy.Release;
import org.lorica.random.DrawKey;
import org.lorica.random.RandomKey;
import org.lorica.tensor.CpuKernels;
import org.lorica.testing.TinyModels;

/**
 * What the methods of a comparison have in common: batches, whatever they train and wherever they
 * are; and noise only as long as they agree in what they add it to.
 */
class CommonDrawsTest {
  @TempDir private Path dir;
  private Model model;
  private AdapterSet start;

  @BeforeEach
  void load() {
    model = Models.load(TinyModels.bert(dir, 5), new CpuKernels());
    AdapterLayout layout =
        new AdapterLayout(
            TargetModules.select(model.linearModules(), List.of("query")), List.of(), 2, 1);
    start = AdapterInit.fresh(layout, new float[0], RandomKey.root(1));
  }

  /** Batches as drawn and sums as released, of four steps. */
  private record Seen(List<List<Integer>> batches, List<double[]> sums) {}

  private Seen train(AdapterSet global, LocalPlan plan) {
    Seen seen = new Seen(new ArrayList<>(), new ArrayList<>());
    PoissonSampler poisson = new PoissonSampler(0.5);
    BatchSampler watched =
        (DrawKey client, int step, int records) -> {
          int[] batch = poisson.sample(client, step, records);
          seen.batches().add(java.util.Arrays.stream(batch).boxed().toList());
          return batch;
        };
    ClientTerms terms =
        new ClientTerms(
            watched,
            0.5,
            new Release(new Clipper(1e-9), new GaussianNoiser(1e9, 1e-9)), // noise alone, σC = 1
            Release.PLAIN);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      examples.add(new Example(new int[] {1 + i % 7, 2, 3}, i % TinyModels.CLASSES));
    }
    LocalTask task =
        new LocalTask(
            3,
            global,
            plan,
            new LocalTask.Training(
                4, 10, 8, new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 0, 0, 0)));
    new LocalTrainer(
            model.worker(global.layout()), task, (p, a, sum) -> seen.sums().add(sum.clone()))
        .train(new Participant(7, 1, terms, RandomKey.root(9).with(3)), examples);
    return seen;
  }

  private AdapterSet moved() {
    float[] values = start.toArray();
    values[0] += 1;
    return AdapterSet.of(start.layout(), values);
  }

  @Test
  void batchesAreTheSameForAllMethodsAndAdapters() {
    Seen one = train(start, LocalPlan.always(Set.of(Role.B)));
    assertThat(one.batches()).hasSize(4).doesNotHaveDuplicates();
    for (LocalPlan plan :
        List.of(
            LocalPlan.always(Set.of(Role.B, Role.A)),
            LocalPlan.always(Set.of(Role.A)),
            LocalPlan.productClipped())) {
      assertThat(train(start, plan).batches()).isEqualTo(one.batches());
      assertThat(train(moved(), plan).batches()).isEqualTo(one.batches());
    }
  }

  /** The first value of B is the first of every vector here: its noise tells keys apart. */
  @Test
  void noiseIsSharedOnlyByTheSamePlanOnTheSameAdapter() {
    LocalPlan b = LocalPlan.always(Set.of(Role.B));
    LocalPlan both = LocalPlan.always(Set.of(Role.B, Role.A));
    double noise = train(start, b).sums().get(0)[0];
    assertThat(train(start, b).sums().get(0)[0]).isEqualTo(noise);
    assertThat(train(start, both).sums().get(0)[0]).isNotCloseTo(noise, within());
    assertThat(train(moved(), b).sums().get(0)[0]).isNotCloseTo(noise, within());
    assertThat(train(start, LocalPlan.productClipped()).sums().get(0)[0])
        .isNotCloseTo(noise, within());
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-6);
  }
}
