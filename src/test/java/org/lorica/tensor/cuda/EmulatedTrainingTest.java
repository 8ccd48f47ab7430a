package org.lorica.tensor.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.Example;
import org.lorica.federation.ClientOptimizer;
import org.lorica.federation.ClientUpdate;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.LocalTask;
import org.lorica.federation.LocalTrainer;
import org.lorica.federation.Participant;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.Role;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.model.Predictions;
import org.lorica.model.Worker;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Clipper;
import org.lorica.privacy.GaussianNoiser;
import org.lorica.privacy.PoissonSampler;
import org.lorica.privacy.Release;
import org.lorica.random.RandomKey;
import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.DeviceMemoryException;
import org.lorica.tensor.Kernels;
import org.lorica.testing.TinyModels;

/** DP steps of whole clients on an emulated CUDA device, with much memory and with little. */
class EmulatedTrainingTest {
  private static final long SEED = 77;
  private static final int STEPS = 2;
  private static final int EXAMPLES = 80;

  @TempDir Path dir;

  private static List<Example> examples(int client) {
    SplittableRandom random = new SplittableRandom(SEED + client);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < EXAMPLES; i++) {
      int[] ids = random.ints(TinyModels.POSITIONS, 0, TinyModels.VOCABULARY).toArray();
      examples.add(new Example(ids, random.nextInt(TinyModels.CLASSES)));
    }
    return examples;
  }

  private List<ClientUpdate> train(Kernels kernels, int clients) {
    Model model = Models.load(TinyModels.bert(dir, SEED), kernels);
    AdapterLayout layout = new AdapterLayout(model.linearModules(), model.headModules(), 2, 1.0);
    return train(model.worker(layout), model, layout, clients);
  }

  private static List<ClientUpdate> train(
      Worker worker, Model model, AdapterLayout layout, int clients) {
    RandomKey key = RandomKey.root(SEED);
    LocalTask task =
        new LocalTask(
            0,
            AdapterInit.fresh(layout, model.headValues(), key),
            LocalPlan.always(Set.of(Role.A, Role.B, Role.HEAD)),
            new LocalTask.Training(
                STEPS,
                EXAMPLES,
                EXAMPLES,
                new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 0.1, 0.1, 0.1)));
    Release release = new Release(new Clipper(1), new GaussianNoiser(0.5, 1));
    ClientTerms terms = new ClientTerms(new PoissonSampler(0.9), 1, release, Release.PLAIN);
    List<LocalTrainer.Client> all = new ArrayList<>();
    for (int client = 0; client < clients; client++) {
      all.add(new LocalTrainer.Client(new Participant(client, 1, terms, key), examples(client)));
    }
    return new LocalTrainer(worker, task).train(all);
  }

  @Test
  void aClientTrainsAsOnTheCpuWithTheSameNoiseAndTwiceToTheSameBits() {
    float[] cpu = train(new CpuKernels(), 1).get(0).adapter().toArray();
    float[] cuda = train(new CudaKernels(EmulatedDriver.roomy()), 1).get(0).adapter().toArray();
    float[] again = train(new CudaKernels(EmulatedDriver.roomy()), 1).get(0).adapter().toArray();
    assertThat(again).isEqualTo(cuda);
    for (int i = 0; i < cpu.length; i++) {
      assertThat(cuda[i]).as("seed %d, value %d", SEED, i).isCloseTo(cpu[i], within(1e-5f));
    }
  }

  @Test
  void whereMemoryIsFullTheBatchIsSplitAndTheResultIsTheSame() {
    for (int clients : new int[] {1, 2}) {
      EmulatedDriver roomy = EmulatedDriver.roomy();
      List<ClientUpdate> expected = train(new CudaKernels(roomy), clients);
      EmulatedDriver small = EmulatedDriver.of(roomy.peak() / 2);
      List<ClientUpdate> found = train(new CudaKernels(small), clients);
      assertThat(small.peak()).isLessThanOrEqualTo(roomy.peak() / 2);
      assertThat(found.stream().mapToLong(u -> u.stats().splits()).sum()).isPositive();
      for (int client = 0; client < clients; client++) {
        assertThat(expected.get(client).stats().splits()).isZero();
        assertThat(found.get(client).adapter().toArray())
            .isEqualTo(expected.get(client).adapter().toArray());
        assertThat(found.get(client).stats().examples())
            .isEqualTo(expected.get(client).stats().examples());
      }
    }
  }

  @Test
  void predictionsAreSplitToo() {
    EmulatedDriver roomy = EmulatedDriver.roomy();
    double[] expected = losses(new CudaKernels(roomy));
    EmulatedDriver small = EmulatedDriver.of(roomy.peak() - 1);
    assertThat(losses(new CudaKernels(small))).isEqualTo(expected);
  }

  private double[] losses(Kernels kernels) {
    Model model = Models.load(TinyModels.bert(dir, SEED), kernels);
    AdapterLayout layout = new AdapterLayout(model.linearModules(), List.of(), 2, 1.0);
    List<Example> batch = examples(0);
    Predictions predictions = model.worker(layout).predict(new float[layout.size()], batch);
    return IntStream.range(0, batch.size()).mapToDouble(predictions::loss).toArray();
  }

  @Test
  void aDeviceTooSmallForOneExampleSaysSo() {
    EmulatedDriver tiny = EmulatedDriver.of(90_000);
    assertThatThrownBy(() -> train(new CudaKernels(tiny), 1))
        .isInstanceOf(DeviceMemoryException.class);
  }

  @Test
  void aThreadThatFindsNoMemoryLeavesNoStreamBehind() {
    EmulatedDriver full = EmulatedDriver.of(16);
    CudaKernels kernels = new CudaKernels(full);
    for (int attempt = 0; attempt < 3; attempt++) {
      assertThatThrownBy(kernels::finish).isInstanceOf(DeviceMemoryException.class);
    }
    assertThat(full.streams()).isZero();
  }

  @Test
  void memoryIsGivenBackWhenARunIsOver() throws InterruptedException {
    EmulatedDriver driver = EmulatedDriver.roomy();
    trainAndForget(driver);
    assertThat(driver.peak()).isGreaterThan(1_000_000);
    for (int i = 0; i < 100 && driver.used() > 0; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertThat(driver.used()).isZero();
  }

  private void trainAndForget(EmulatedDriver driver) throws InterruptedException {
    Thread client = new Thread(() -> train(new CudaKernels(driver), 1));
    client.start();
    client.join();
  }
}
