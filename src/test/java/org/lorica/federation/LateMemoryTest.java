package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.BaseUpdate;
import org.lorica.lora.Role;
import org.lorica.model.Lane;
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
import org.lorica.tensor.DeviceMemoryException;
import org.lorica.testing.TinyModels;

/** Devices whose memory is full when gradients are summed, or for any batch. */
class LateMemoryTest {
  private static final long SEED = 5;

  @TempDir private Path dir;

  /** Gradients of lane 1 cannot be summed, the first time. */
  private static final class Worn implements Worker {
    private final Worker worker;
    private boolean failed;

    private final DeviceMemoryException always; // or null

    Worn(Worker worker) {
      this(worker, null);
    }

    Worn(Worker worker, DeviceMemoryException always) {
      this.worker = worker;
      this.always = always;
    }

    @Override
    public int mostExamples() {
      return 8;
    }

    @Override
    public void useBase(BaseUpdate update) {
      worker.useBase(update);
    }

    @Override
    public Predictions predict(float[] adapter, List<Example> batch) {
      return worker.predict(adapter, batch);
    }

    @Override
    public PerExampleGradients gradients(
        float[] adapter, ActiveTensors active, List<Example> batch) {
      if (always != null) {
        throw always;
      }
      return worker.gradients(adapter, active, batch);
    }

    @Override
    public List<PerExampleGradients> gradients(List<Lane> lanes, ActiveTensors active) {
      List<PerExampleGradients> all = worker.gradients(lanes, active);
      return failed ? all : List.of(all.get(0), new Unsummable(all.get(1)));
    }

    private final class Unsummable implements PerExampleGradients {
      private final PerExampleGradients gradients;

      Unsummable(PerExampleGradients gradients) {
        this.gradients = gradients;
      }

      @Override
      public int examples() {
        return gradients.examples();
      }

      @Override
      public double loss(int example) {
        return gradients.loss(example);
      }

      @Override
      public double norm(int example) {
        return gradients.norm(example);
      }

      @Override
      public void addScaledTo(double[] factors, double[] sum) {
        failed = true;
        throw new DeviceMemoryException("no bytes left for sums");
      }
    }
  }

  private Model model() {
    return Models.load(TinyModels.bert(dir, SEED), new CpuKernels());
  }

  private void train(UnaryOperator<Worker> worn, int participants, int examples) {
    Model model = model();
    AdapterLayout layout = new AdapterLayout(model.linearModules(), List.of(), 2, 1.0);
    LocalTask task =
        new LocalTask(
            0,
            AdapterInit.fresh(layout, new float[0], RandomKey.root(1)),
            LocalPlan.always(Set.of(Role.A, Role.B)),
            new LocalTask.Training(
                1, 1, 64, new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 1, 1, 1)));
    Release release = new Release(new Clipper(1e-3), new GaussianNoiser(0, 1e-3));
    ClientTerms terms = new ClientTerms(new PoissonSampler(1), 1, release, Release.PLAIN);
    List<LocalTrainer.Client> clients = new ArrayList<>();
    for (int c = 0; c < participants; c++) {
      List<Example> own = new ArrayList<>();
      for (int e = 0; e < examples; e++) {
        own.add(new Example(new int[] {1, 2 + e, 3 + c}, 0));
      }
      clients.add(new LocalTrainer.Client(new Participant(c, 1, terms, RandomKey.root(SEED)), own));
    }
    new LocalTrainer(worn.apply(model.worker(layout)), task).train(clients);
  }

  @Test
  void noExampleIsAddedASecondTimeToASum() {
    // client 0's sum is complete by then: whoever goes on must begin both anew
    assertThatThrownBy(() -> train(Worn::new, 2, 1)).isInstanceOf(DeviceMemoryException.class);
  }

  @Test
  void aWorkerThatTakesAsManyAgainIsNotAskedForEver() {
    UnaryOperator<Worker> full = worker -> new Worn(worker, new DeviceMemoryException("full"));
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> assertThatThrownBy(() -> train(full, 1, 4)).hasMessage("full"));
  }

  @Test
  void canariesLeaveTheWorkersBoundAsItIs() {
    Worn eight = new Worn(null);
    assertThat(new CanaryWorker(eight, List.of(), 1).mostExamples()).isEqualTo(8);
  }
}
