package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.BaseUpdate;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.LoraModule;
import org.lorica.lora.LoraRank;
import org.lorica.lora.TargetModules;
import org.lorica.random.RandomKey;
import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.DeviceMemoryException;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Matrix;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;
import org.lorica.testing.TinyModels;

/** An update of the frozen weights against the same factors as part of a wider adapter. */
class BaseWeightsTest {
  @TempDir private Path dir;

  private Model load(String architecture) {
    Path folder = dir.resolve(architecture);
    return Models.load(
        architecture.equals("bert") ? TinyModels.bert(folder, 3) : TinyModels.llama(folder, 3),
        new Nd4jKernels(Precision.FLOAT64));
  }

  private static AdapterLayout layout(Model model) {
    String last = model.task() == Model.Task.SEQUENCE_CLASSIFICATION ? "output.dense" : "v_proj";
    String first = model.task() == Model.Task.SEQUENCE_CLASSIFICATION ? "query" : "q_proj";
    List<LoraModule> targets = TargetModules.select(model.linearModules(), List.of(first, last));
    List<LoraRank> ranks = new ArrayList<>(); // not the same for all modules
    for (int m = 0; m < targets.size(); m++) {
      ranks.add(new LoraRank(2, 0.75 + 0.25 * (m % 3)));
    }
    return new AdapterLayout(targets, List.of(), ranks);
  }

  /** Values on a grid, so that float holds them exactly. */
  private static Matrix random(long seed, int rows, int cols) {
    double[] values = new double[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.rint(512 * RandomKey.root(seed).gaussian(i)) / 1024;
    }
    return Matrix.of(rows, cols, values);
  }

  private static List<LoraFactors> factors(AdapterLayout layout, long seed, int rank) {
    List<LoraFactors> all = new ArrayList<>();
    for (LoraModule m : layout.modules()) {
      all.add(new LoraFactors(random(seed++, m.out(), rank), random(seed++, rank, m.in())));
    }
    return all;
  }

  private static AdapterSet adapter(AdapterLayout layout) {
    return AdapterSet.of(layout, new float[layout.size()])
        .withFactors(factors(layout, 50, layout.rank(0)));
  }

  private static List<Example> batch() {
    return List.of(new Example(new int[] {1, 5, 7, 2}, 0), new Example(new int[] {3, 3, 9}, 2));
  }

  private static double[] gradients(Worker worker, AdapterSet adapter, int example) {
    ActiveTensors all = ActiveTensors.of(adapter.layout(), slot -> true);
    double[] factors = new double[batch().size()];
    factors[example] = 1;
    double[] sum = new double[all.size()];
    worker.gradients(adapter.toArray(), all, batch()).addScaledTo(factors, sum);
    return sum;
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "llama"})
  void anUpdateIsAsGoodAsTheSameFactorsInAWiderAdapter(String architecture) {
    Model model = load(architecture);
    AdapterLayout layout = layout(model);
    BaseUpdate update = BaseUpdate.NONE.plus(factors(layout, 10, 1));
    AdapterSet above = adapter(layout).withBase(update);
    AdapterSet wide = above.concatenated();
    Worker worker = model.worker(layout);
    worker.useBase(update);
    Worker wideWorker = model.worker(wide.layout());
    Predictions found = worker.predict(above.toArray(), batch());
    Predictions expected = wideWorker.predict(wide.toArray(), batch());
    for (int e = 0; e < batch().size(); e++) {
      assertThat(found.loss(e)).isCloseTo(expected.loss(e), within(1e-10));
      AdapterSet narrowGradient = asAdapter(layout, gradients(worker, above, e));
      AdapterSet wideGradient = asAdapter(wide.layout(), gradients(wideWorker, wide, e));
      for (int m = 0; m < layout.modules().size(); m++) {
        LoraFactors narrow = narrowGradient.factors().get(m);
        LoraFactors first = wideGradient.factors().get(m); // the first columns are the adapter's
        assertThat(narrow.b().minus(first.b().firstColumns(2)).norm()).isLessThan(1e-6);
        Matrix a = first.a().transpose().firstColumns(2).transpose();
        assertThat(narrow.a().minus(a).norm()).isLessThan(1e-6);
        assertThat(narrow.b().norm()).isPositive();
      }
    }
  }

  private static AdapterSet asAdapter(AdapterLayout layout, double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return AdapterSet.of(layout, floats);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "llama"})
  void updatesReplaceEachOtherAndNoneGivesTheModelItselfBack(String architecture) {
    Model model = load(architecture);
    AdapterLayout layout = layout(model);
    AdapterSet adapter = adapter(layout);
    TransformerWorker worker = (TransformerWorker) model.worker(layout);
    double plain = worker.predict(adapter.toArray(), batch()).loss(0);
    BaseUpdate one = BaseUpdate.NONE.plus(factors(layout, 10, 1));
    BaseUpdate two = BaseUpdate.NONE.plus(factors(layout, 30, 3));
    worker.useBase(one);
    double first = worker.predict(adapter.toArray(), batch()).loss(0);
    worker.useBase(two);
    double second = worker.predict(adapter.toArray(), batch()).loss(0);
    long reserved = worker.reservedBytes();
    worker.useBase(one);
    assertThat(worker.predict(adapter.toArray(), batch()).loss(0)).isEqualTo(first);
    assertThat(worker.reservedBytes()).isEqualTo(reserved);
    worker.useBase(BaseUpdate.NONE);
    assertThat(worker.predict(adapter.toArray(), batch()).loss(0)).isEqualTo(plain);
    assertThat(List.of(plain, first, second)).doesNotHaveDuplicates();
  }

  /** Workers share the model: one's update must not reach another. */
  @Test
  void theModelItselfStaysAsItIs() {
    Model model = load("bert");
    AdapterLayout layout = layout(model);
    AdapterSet adapter = adapter(layout);
    Worker other = model.worker(layout);
    double before = other.predict(adapter.toArray(), batch()).loss(0);
    Worker worker = model.worker(layout);
    worker.useBase(BaseUpdate.NONE.plus(factors(layout, 10, 2)));
    worker.predict(adapter.toArray(), batch());
    assertThat(other.predict(adapter.toArray(), batch()).loss(0)).isEqualTo(before);
    BaseUpdate foreign = new BaseUpdate(factors(layout, 1, 1).subList(0, 1));
    assertThatThrownBy(() -> worker.useBase(foreign)).hasMessageContaining("modules, got 1");
  }

  /** A device whose memory is full fails here again and again, and has none to lose. */
  @Test
  void anUpdateThatFailsHoldsNoMemory() {
    int side = 300; // a weight and its factors fill a good part of the arena's first block
    Kernels plain = new CpuKernels();
    Kernels full =
        (Kernels)
            Proxy.newProxyInstance(
                Kernels.class.getClassLoader(),
                new Class<?>[] {Kernels.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("gemm")) {
                    throw new DeviceMemoryException("full");
                  }
                  return method.invoke(plain, arguments);
                });
    LoraModule module = new LoraModule("wide", side, side);
    AdapterLayout layout = new AdapterLayout(List.of(module), List.of(), 1, 1);
    BaseWeights weights = new BaseWeights(full, layout);
    weights.use(new BaseUpdate(factors(layout, 1, 1)));
    Linear frozen = new Linear("wide", plain.arena().allocate(side, side), null);
    long held = 0;
    for (int attempt = 0; attempt < 9; attempt++) {
      assertThatThrownBy(() -> weights.of(frozen)).hasMessage("full");
      held = held == 0 ? weights.reservedBytes() : held;
    }
    assertThat(weights.reservedBytes()).isEqualTo(held);
  }
}
