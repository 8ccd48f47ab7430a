package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.GradientSpace;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;
import org.lorica.testing.DenseProducts;
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;
import org.lorica.testing.TinyVision;

/** Norms in product space against gradients of out × in, formed in full. */
class ProductGradientsTest {
  private static final float GRID = 0x1p-10f; // products of two such values are exact in float

  @TempDir private Path folder;

  static Stream<Arguments> kernels() {
    return Stream.of("bert", "llama")
        .flatMap(
            architecture ->
                Stream.of(
                    Arguments.of(architecture, new Nd4jKernels(Precision.FLOAT64), 2e-6),
                    Arguments.of(architecture, new Nd4jKernels(Precision.FLOAT32), 1e-4),
                    Arguments.of(architecture, new CpuKernels(), 1e-4)));
  }

  private Model model(String architecture, Kernels kernels) {
    return Models.load(TinyBackbones.write(architecture, folder.resolve(architecture), 3), kernels);
  }

  /** Modules of the models' width only: see {@link DenseProducts}. */
  private static AdapterSet adapter(Model model) {
    List<LoraModule> modules = model.linearModules().stream().filter(m -> m.in() == 8).toList();
    AdapterLayout layout = new AdapterLayout(modules, model.headModules(), 2, 0.75);
    SplittableRandom random = new SplittableRandom(4);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = GRID * random.nextInt(-500, 501);
    }
    return AdapterSet.of(layout, values);
  }

  private static List<Example> examples() {
    SplittableRandom random = new SplittableRandom(5);
    List<Example> examples = new ArrayList<>();
    for (int length : new int[] {5, 2, 9, 16}) {
      int[] tokens = random.ints(length, 0, TinyModels.VOCABULARY).toArray();
      examples.add(new Example(tokens, random.nextInt(TinyModels.CLASSES)));
    }
    return examples;
  }

  private static ActiveTensors withoutA(AdapterLayout layout) {
    return ActiveTensors.of(layout, slot -> slot.role() != Role.A);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("kernels")
  void normsAreThoseOfTheDenseGradientsAndNeverBelow(
      String architecture, Kernels kernels, double tolerance) {
    Model model = model(architecture, kernels);
    Model exact = model(architecture, new Nd4jKernels(Precision.FLOAT64));
    AdapterSet adapter = adapter(model);
    List<Example> batch = examples();
    ActiveTensors active = withoutA(adapter.layout());
    PerExampleGradients gradients =
        model
            .worker(adapter.layout())
            .gradients(adapter.toArray(), active, GradientSpace.PRODUCT, batch);
    for (int e = 0; e < batch.size(); e++) {
      double norm = DenseProducts.norm(DenseProducts.gradients(exact, adapter, batch.get(e)));
      assertThat(gradients.norm(e)).isBetween(norm * (1 - 2e-6), norm * (1 + tolerance));
    }
  }

  /** B's gradient is the product's times Aᵀ: the space changes norms, never gradients. */
  @Test
  void gradientsAreTheDenseOnesTimesAAndTheSameInBothSpaces() {
    Model model = model("bert", new Nd4jKernels(Precision.FLOAT64));
    AdapterSet adapter = adapter(model);
    ActiveTensors active = withoutA(adapter.layout());
    Worker worker = model.worker(adapter.layout());
    for (Example example : examples()) {
      double[] plain = new double[active.size()];
      double[] product = new double[active.size()];
      double[] one = {1};
      worker.gradients(adapter.toArray(), active, List.of(example)).addScaledTo(one, plain);
      worker
          .gradients(adapter.toArray(), active, GradientSpace.PRODUCT, List.of(example))
          .addScaledTo(one, product);
      assertThat(product).containsExactly(plain, within(1e-13));
      var dense = DenseProducts.gradients(model, adapter, example);
      for (int m = 0; m < adapter.layout().modules().size(); m++) {
        TensorSlot b = active.packed().get(m);
        double[] expected = dense.get(m).times(adapter.factors().get(m).a().transpose()).toArray();
        for (int i = 0; i < expected.length; i++) {
          assertThat(plain[b.offset() + i]).isCloseTo(expected[i], within(1e-9));
        }
      }
    }
  }

  @Test
  void aFactorAThatTrainsIsRefused() {
    Model model = model("bert", new Nd4jKernels(Precision.FLOAT64));
    AdapterSet adapter = adapter(model);
    ActiveTensors all = ActiveTensors.of(adapter.layout(), slot -> true);
    Worker worker = model.worker(adapter.layout());
    assertThatThrownBy(
            () -> worker.gradients(adapter.toArray(), all, GradientSpace.PRODUCT, examples()))
        .hasMessageContaining("strategy.clip-space");
  }

  /**
   * B's gradient is the product's times Aᵀ, so ‖gB‖ ≤ ‖G‖·‖A‖: a layer whose products were not
   * measured, because its rows are windows or the head reads some of them only, would break it.
   */
  @ParameterizedTest
  @ValueSource(strings = {"swin", "vit", "deit"})
  @Execution(CONCURRENT)
  void everyLayersProductCountsInTheNormWhateverItsRowsAre(String architecture) {
    Path written = TinyBackbones.write(architecture, folder.resolve(architecture), 3);
    Model model = Models.load(written, new Nd4jKernels(Precision.FLOAT64));
    List<Example> batch = TinyVision.batch(model.image().orElseThrow(), 2, new SplittableRandom(7));
    for (LoraModule module : model.linearModules()) {
      AdapterLayout layout = new AdapterLayout(List.of(module), List.of(), 2, 0.75);
      SplittableRandom random = new SplittableRandom(8);
      float[] values = new float[layout.size()];
      double square = 0;
      for (int i = 0; i < values.length; i++) {
        values[i] = GRID * random.nextInt(-500, 501);
        square += i < 2 * module.out() ? 0 : values[i] * values[i]; // B comes first, then A
      }
      ActiveTensors active = withoutA(layout);
      Worker worker = model.worker(layout);
      PerExampleGradients factors = worker.gradients(values, active, batch);
      double[] norms = IntStream.range(0, 2).mapToDouble(factors::norm).toArray();
      PerExampleGradients products = worker.gradients(values, active, GradientSpace.PRODUCT, batch);
      for (int e = 0; e < norms.length; e++) {
        assertThat(norms[e])
            .as("%s, example %d", module.name(), e)
            .isPositive()
            .isLessThanOrEqualTo(products.norm(e) * Math.sqrt(square) * (1 + 1e-9));
      }
    }
  }
}
