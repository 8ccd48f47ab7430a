package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.data.Example;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Clipper;
import org.lorica.privacy.GaussianNoiser;
import org.lorica.privacy.PoissonSampler;
import org.lorica.privacy.Release;
import org.lorica.random.RandomKey;
import org.lorica.tensor.CpuKernels;
import org.lorica.testing.TinyModels;

/** Clients that train in lock-step against their plain twin: each alone. */
class LanesTest {
  private static final long SEED = 20_262;
  private static final int CLIENTS = 6;

  @TempDir private Path dir;

  private Model model(String architecture) {
    return Models.load(
        architecture.equals("bert") ? TinyModels.bert(dir, SEED) : TinyModels.llama(dir, SEED),
        new CpuKernels());
  }

  /** Client 3 has nothing; the others' batches are of random length, and may be empty. */
  private static List<LocalTrainer.Client> clients(Model model) {
    SplittableRandom random = new SplittableRandom(SEED);
    Release release = new Release(new Clipper(0.5), new GaussianNoiser(0.7, 0.5));
    ClientTerms terms = new ClientTerms(new PoissonSampler(0.4), 0.4, release, Release.PLAIN);
    List<LocalTrainer.Client> clients = new ArrayList<>();
    for (int c = 0; c < CLIENTS; c++) {
      List<Example> examples = new ArrayList<>();
      for (int e = 0; e < (c == 3 ? 0 : 2 + 4 * c); e++) {
        int[] ids = random.ints(1 + random.nextInt(9), 0, model.vocabularySize()).toArray();
        examples.add(new Example(ids, random.nextInt(TinyModels.CLASSES)));
      }
      Participant participant = new Participant(c, 1, terms, RandomKey.root(SEED));
      clients.add(new LocalTrainer.Client(participant, examples));
    }
    return clients;
  }

  private static LocalTask task(Model model, int microBatch) {
    AdapterLayout layout = new AdapterLayout(model.linearModules(), model.headModules(), 2, 1.0);
    ClientOptimizer.Settings optimizer =
        new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 0.1, 0.1, 0.1);
    return new LocalTask(
        0,
        AdapterInit.fresh(layout, model.headValues(), RandomKey.root(1)),
        LocalPlan.always(Set.of(Role.A, Role.B)),
        new LocalTask.Training(4, 3, microBatch, optimizer));
  }

  @ParameterizedTest(name = "{0}, micro-batch {1}")
  @CsvSource({"bert, 64", "bert, 2", "llama, 64", "llama, 3"})
  void everyClientEndsWhereItEndsAlone(String architecture, int microBatch) {
    Model model = model(architecture);
    LocalTask task = task(model, microBatch);
    LocalTrainer trainer = new LocalTrainer(model.worker(task.global().layout()), task);
    List<LocalTrainer.Client> clients = clients(model);
    List<ClientUpdate> together = trainer.train(clients);
    assertThat(together).hasSize(CLIENTS);
    for (int c = 0; c < CLIENTS; c++) {
      ClientUpdate alone = trainer.train(clients.get(c).participant(), clients.get(c).examples());
      float[] expected = alone.adapter().toArray();
      assertThat(together.get(c).adapter().toArray())
          .as("seed %d, client %d", SEED, c)
          .containsExactly(expected, Offset.offset(1e-5f));
      assertThat(together.get(c).stats().examples()).isEqualTo(alone.stats().examples());
      assertThat(together.get(c).participant().client()).isEqualTo(c);
    }
    float[] first = together.get(0).adapter().toArray();
    float[] second = together.get(1).adapter().toArray();
    assertThat(distance(first, second)).as("clients differ by more").isGreaterThan(1e-2);
  }

  @Test
  void theSameGroupGivesTheSameBits() {
    Model model = model("bert");
    LocalTask task = task(model, 64);
    LocalTrainer trainer = new LocalTrainer(model.worker(task.global().layout()), task);
    List<AdapterSet> first = trainer.train(clients(model)).stream().map(u -> u.adapter()).toList();
    assertThat(trainer.train(clients(model)).stream().map(u -> u.adapter()).toList())
        .isEqualTo(first);
  }

  @Test
  void groupsAreConsecutiveAndCompleteForAnyNumberOfLanes() {
    Model model = model("bert");
    List<Participant> cohort =
        clients(model).stream().map(LocalTrainer.Client::participant).toList();
    for (int lanes = 1; lanes <= CLIENTS + 1; lanes++) {
      List<List<Participant>> groups = Workbench.groups(cohort, lanes);
      assertThat(groups.stream().flatMap(List::stream).toList()).isEqualTo(cohort);
      assertThat(groups.get(0)).hasSize(Math.min(lanes, CLIENTS));
    }
  }

  private static double distance(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }
}
