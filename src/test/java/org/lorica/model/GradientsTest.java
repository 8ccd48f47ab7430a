package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.data.Example;
import org.lorica.data.Target;
import org.lorica.data.Tokens;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.lora.LoraRank;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;
import org.lorica.testing.TinyVision;

/** Per-example gradients against finite differences in double precision, and against themselves. */
class GradientsTest {
  private static final long SEED = 20_261;
  private static final int[] LENGTHS = {5, 1, 9, 2};
  private static final double STEP = 0x1p-9; // a multiple of the adapter grid: exact in float
  private static final float GRID = 0x1p-10f;
  private static final int PADDING = 2;

  @TempDir Path folder;

  static Stream<String> architectures() {
    return Stream.of(
        "bert",
        "regression",
        "span",
        "roberta",
        "llama",
        "llama classes",
        "llama value",
        "response",
        "vit",
        "deit",
        "swin");
  }

  @ParameterizedTest
  @MethodSource("architectures")
  @Execution(CONCURRENT)
  void everyTensorsGradientIsTheSlopeOfItsExamplesLoss(String architecture) {
    Model model = model(architecture, Precision.FLOAT64);
    AdapterLayout layout = everything(model);
    Worker worker = model.worker(layout);
    float[] adapter = adapter(layout);
    List<Example> batch = batch(architecture, model);
    ActiveTensors all = ActiveTensors.of(layout, slot -> true);
    double[][] gradients = rows(worker.gradients(adapter, all, batch), all.size());
    SplittableRandom random = new SplittableRandom(SEED);
    for (TensorSlot slot : all.packed()) {
      int[] direction = IntStream.range(0, slot.size()).map(i -> random.nextInt(-1, 2)).toArray();
      int from = all.slots().get(all.packed().indexOf(slot)).offset();
      double[] slopes = slopes(worker, adapter, from, direction, batch);
      for (int e = 0; e < batch.size(); e++) {
        double along = 0;
        double size = 0;
        for (int i = 0; i < direction.length; i++) {
          double g = gradients[e][slot.offset() + i];
          along += g * direction[i];
          size += g * g * direction[i] * direction[i];
        }
        assertThat(along)
            .as("seed %d, example %d, %s of %s", SEED, e, slot.role(), slot.module())
            .isCloseTo(slopes[e], within(1e-6 * Math.sqrt(size) + 1e-11));
      }
    }
  }

  /** Backward passes stop early and leave out what is not trained: no gradient may change by it. */
  @ParameterizedTest
  @MethodSource("architectures")
  @Execution(CONCURRENT)
  void aTensorsGradientIsTheSameWhicheverOthersAreTrained(String architecture) {
    Model model = model(architecture, Precision.FLOAT64);
    AdapterLayout layout = everything(model);
    Worker worker = model.worker(layout);
    float[] adapter = adapter(layout);
    List<Example> batch = batch(architecture, model);
    ActiveTensors all = ActiveTensors.of(layout, slot -> true);
    double[][] expected = rows(worker.gradients(adapter, all, batch), all.size());
    List<Predicate<TensorSlot>> choices =
        List.of(
            slot -> slot.role() == Role.A,
            slot -> slot.role() == Role.B,
            slot -> slot.role() == Role.HEAD,
            slot -> slot.module().contains(".1."));
    for (Predicate<TensorSlot> choice : choices) {
      if (layout.slots().stream().noneMatch(choice)) {
        continue; // a language model has no head of its own
      }
      ActiveTensors active = ActiveTensors.of(layout, choice);
      double[][] found = rows(worker.gradients(adapter, active, batch), active.size());
      for (TensorSlot slot : active.packed()) {
        int place = all.slots().indexOf(active.slots().get(active.packed().indexOf(slot)));
        TensorSlot among = all.packed().get(place);
        for (int e = 0; e < batch.size(); e++) {
          assertThat(Arrays.copyOfRange(found[e], slot.offset(), slot.offset() + slot.size()))
              .as("seed %d, example %d, %s of %s", SEED, e, slot.role(), slot.module())
              .containsExactly(
                  Arrays.copyOfRange(expected[e], among.offset(), among.offset() + slot.size()),
                  within(1e-12));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  @Execution(CONCURRENT)
  void anyAdapterOnASingleModuleReceivesTheSameGradientAsAmongOthers(String architecture) {
    Model model = model(architecture, Precision.FLOAT64);
    AdapterLayout wide = everything(model);
    Worker among = model.worker(wide);
    List<Example> batch = batch(architecture, model).subList(0, 2);
    for (LoraModule module : model.linearModules()) {
      LoraRank rank = wide.ranks().get(wide.modules().indexOf(module));
      AdapterLayout layout = new AdapterLayout(List.of(module), List.of(), List.of(rank));
      ActiveTensors all = ActiveTensors.of(layout, slot -> true);
      ActiveTensors onlyB = ActiveTensors.of(layout, slot -> slot.role() == Role.B);
      float[] adapter = adapter(layout);
      Worker worker = model.worker(layout);
      double[][] joint = rows(worker.gradients(adapter, all, batch), all.size());
      double[][] b = rows(worker.gradients(adapter, onlyB, batch), onlyB.size());
      float[] embedded = new float[wide.size()];
      int from = wide.slot(module.name(), Role.B).orElseThrow().offset();
      System.arraycopy(adapter, 0, embedded, from, adapter.length);
      System.arraycopy(
          model.headValues(),
          0,
          embedded,
          wide.size() - model.headValues().length,
          model.headValues().length);
      ActiveTensors same = ActiveTensors.of(wide, slot -> slot.module().equals(module.name()));
      double[][] expected = rows(among.gradients(embedded, same, batch), same.size());
      for (int e = 0; e < batch.size(); e++) {
        assertThat(joint[e]).containsExactly(expected[e], within(1e-10));
        assertThat(b[e]).containsExactly(Arrays.copyOf(joint[e], onlyB.size()), within(1e-12));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  @Execution(CONCURRENT)
  void aRaggedBatchGivesWhatItsExamplesGiveOneByOne(String architecture) {
    for (Precision precision : Precision.values()) {
      double tolerance = precision == Precision.FLOAT32 ? 1e-5 : 1e-10;
      Model model = model(architecture, precision);
      AdapterLayout layout = everything(model);
      ActiveTensors all = ActiveTensors.of(layout, slot -> true);
      float[] adapter = adapter(layout);
      List<Example> batch = batch(architecture, model);
      Worker worker = model.worker(layout);
      Predictions together = worker.predict(adapter, batch);
      double[][] rows = rows(worker.gradients(adapter, all, batch), all.size());
      for (int e = 0; e < batch.size(); e++) {
        Predictions alone = worker.predict(adapter, List.of(batch.get(e)));
        assertThat(alone.logits(0)).containsExactly(together.logits(e), within(1e-5f));
        if (Double.isNaN(together.loss(e))) {
          assertThat(alone.loss(0)).isNaN();
        } else {
          assertThat(alone.loss(0)).isCloseTo(together.loss(e), within(tolerance));
        }
        PerExampleGradients single = worker.gradients(adapter, all, List.of(batch.get(e)));
        assertThat(rows(single, all.size())[0]).containsExactly(rows[e], within(tolerance));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void severalThreadsGiveWhatOneGives(int threads) {
    Model model = model("llama", Precision.FLOAT64);
    AdapterLayout layout = everything(model);
    ActiveTensors all = ActiveTensors.of(layout, slot -> true);
    float[] adapter = adapter(layout);
    List<Example> batch = batch(model);
    double[][] expected = rows(model.worker(layout).gradients(adapter, all, batch), all.size());
    try (ParallelWorker parallel = ParallelWorker.of(model, layout, threads)) {
      PerExampleGradients gradients = parallel.gradients(adapter, all, batch);
      double[][] found = rows(gradients, all.size());
      double[] norms = IntStream.range(0, batch.size()).mapToDouble(gradients::norm).toArray();
      Predictions predictions = parallel.predict(adapter, batch);
      for (int e = 0; e < batch.size(); e++) {
        assertThat(found[e]).containsExactly(expected[e], within(1e-12));
        double norm = Math.sqrt(Arrays.stream(expected[e]).map(v -> v * v).sum());
        assertThat(norms[e]).isCloseTo(norm, within(1e-9));
        assertThat(predictions.loss(e))
            .isEqualTo(model.worker(layout).predict(adapter, batch).loss(e), within(1e-9));
      }
    }
  }

  @Test
  void aTrainedHeadThatHoldsTheFrozenValuesChangesNothing() {
    Model model = model("bert", Precision.FLOAT32);
    List<LoraModule> modules = model.linearModules();
    AdapterLayout frozen = new AdapterLayout(modules, List.of(), 2, 0.75);
    AdapterLayout trained = new AdapterLayout(modules, model.headModules(), 2, 0.75);
    float[] adapter = adapter(frozen);
    float[] extended = Arrays.copyOf(adapter, trained.size());
    float[] head = model.headValues();
    System.arraycopy(head, 0, extended, adapter.length, head.length);
    Predictions expected = model.worker(frozen).predict(adapter, batch(model));
    Predictions found = model.worker(trained).predict(extended, batch(model));
    for (int e = 0; e < LENGTHS.length; e++) {
      assertThat(found.logits(e)).containsExactly(expected.logits(e));
    }
  }

  @Test
  void aFactorOfZeroLeavesAnExampleOutAndNormsAreThoseOfTheRows() {
    Model model = model("bert", Precision.FLOAT32);
    AdapterLayout layout = everything(model);
    ActiveTensors all = ActiveTensors.of(layout, slot -> true);
    float[] adapter = adapter(layout);
    PerExampleGradients gradients = model.worker(layout).gradients(adapter, all, batch(model));
    double[][] rows = rows(gradients, all.size());
    for (int e = 0; e < rows.length; e++) {
      double squares = Arrays.stream(rows[e]).map(v -> v * v).sum();
      assertThat(gradients.norm(e)).isCloseTo(Math.sqrt(squares), within(1e-9));
    }
    float[] broken = adapter.clone();
    broken[0] = Float.NaN;
    PerExampleGradients bad = model.worker(layout).gradients(broken, all, batch(model));
    assertThat(bad.norm(0)).isNaN();
    double[] sum = new double[all.size()];
    bad.addScaledTo(new double[LENGTHS.length], sum);
    assertThat(sum).containsOnly(0.0);
  }

  @ParameterizedTest
  @MethodSource("architectures")
  @Execution(CONCURRENT)
  void noMemoryIsReservedAfterTheFirstStep(String architecture) {
    Model model = model(architecture, Precision.FLOAT32);
    AdapterLayout layout = everything(model);
    ActiveTensors all = ActiveTensors.of(layout, slot -> true);
    TransformerWorker worker = (TransformerWorker) model.worker(layout);
    float[] adapter = adapter(layout);
    worker.gradients(adapter, all, batch(model));
    long reserved = worker.reservedBytes();
    for (int step = 0; step < 3; step++) {
      worker.gradients(
          adapter, all, batch(model).subList(0, batch(model).size() - Math.min(step, 1)));
      worker.predict(adapter, batch(model));
    }
    assertThat(worker.reservedBytes()).isPositive().isEqualTo(reserved);
  }

  @Test
  void anEmptyBatchHasNoGradientsAndNoPredictions() {
    Model model = model("bert", Precision.FLOAT32);
    AdapterLayout layout = everything(model);
    ActiveTensors all = ActiveTensors.of(layout, slot -> true);
    PerExampleGradients none = model.worker(layout).gradients(adapter(layout), all, List.of());
    assertThat(none.examples()).isZero();
    none.addScaledTo(new double[0], new double[all.size()]);
    assertThat(model.worker(layout).predict(adapter(layout), List.of()).examples()).isZero();
  }

  @Test
  void examplesThatDoNotFitTheModelAreRefusedWithTheBound() {
    Model model = model("bert", Precision.FLOAT32);
    AdapterLayout layout = everything(model);
    Worker worker = model.worker(layout);
    float[] adapter = adapter(layout);
    ActiveTensors all = ActiveTensors.of(layout, slot -> true);
    assertRefused(worker, adapter, new Example(new int[] {TinyModels.VOCABULARY}, 0), "0 to 22");
    assertRefused(worker, adapter, new Example(new int[] {1}, TinyModels.CLASSES), "0 to 2");
    assertRefused(worker, adapter, new Example(new int[TinyModels.POSITIONS + 1], 0), "at most 16");
    assertRefused(worker, new float[3], new Example(new int[1], 0), "got 3");
    Example unlabelled = new Example(new int[] {1}, Example.NO_LABEL);
    assertThat(worker.predict(adapter, List.of(unlabelled)).loss(0)).isNaN();
    assertThatThrownBy(() -> worker.gradients(adapter, all, List.of(unlabelled)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("label");
  }

  private static void assertRefused(
      Worker worker, float[] adapter, Example example, String reason) {
    assertThatThrownBy(() -> worker.predict(adapter, List.of(example)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  private Model model(String architecture, Precision precision) {
    Path written = TinyBackbones.write(architecture, folder.resolve(architecture), SEED);
    return Models.load(written, new Nd4jKernels(precision));
  }

  private static AdapterLayout everything(Model model) {
    List<LoraRank> ranks = new ArrayList<>(); // not the same for all modules
    for (int m = 0; m < model.linearModules().size(); m++) {
      ranks.add(new LoraRank(2 - m % 2, 0.75 - 0.25 * (m % 3)));
    }
    return new AdapterLayout(model.linearModules(), model.headModules(), ranks);
  }

  /** Values on a grid, so that steps along it are exact in float. */
  private static float[] adapter(AdapterLayout layout) {
    SplittableRandom random = new SplittableRandom(SEED + 1);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = GRID * random.nextInt(-500, 501);
    }
    return values;
  }

  private static List<Example> batch(Model model) {
    return batch("", model);
  }

  private static List<Example> batch(String architecture, Model model) {
    SplittableRandom random = new SplittableRandom(SEED + 2);
    if (model.image().isPresent()) {
      return TinyVision.batch(model.image().get(), 2, random);
    }
    List<Example> batch = new ArrayList<>();
    for (int length : LENGTHS) {
      int[] tokens = random.ints(length, 0, model.vocabularySize()).toArray();
      if (architecture.equals("llama value") && length > 1) {
        tokens[length - 1] = PADDING; // the one before is read
      }
      int label = random.nextInt(TinyModels.CLASSES);
      int last = model.segments() - 1;
      int[] segments = IntStream.range(0, length).map(i -> i > length / 2 ? last : 0).toArray();
      boolean respond = architecture.equals("response") && length > 1;
      Target target =
          switch (model.task()) {
            case SEQUENCE_CLASSIFICATION -> new Target.Label(label);
            case REGRESSION -> new Target.Value(label - 0.75);
            case QUESTION_ANSWERING -> new Target.AnswerSpan(length / 3, length / 2, null);
            case CAUSAL_LANGUAGE_MODELLING ->
                respond ? new Target.Response(1 + length / 2) : Target.NONE;
          };
      batch.add(new Example(new Tokens(tokens, segments), target));
    }
    return batch;
  }

  private static double[][] rows(PerExampleGradients gradients, int size) {
    double[][] rows = new double[gradients.examples()][size];
    for (int e = 0; e < rows.length; e++) {
      double[] factors = new double[rows.length];
      factors[e] = 1;
      gradients.addScaledTo(factors, rows[e]);
    }
    return rows;
  }

  /** Five-point slopes (error STEP⁴) of every example's loss; 0 where it has no loss. */
  private static double[] slopes(
      Worker worker, float[] adapter, int from, int[] direction, List<Example> batch) {
    double[] slopes = new double[batch.size()];
    int[] multiples = {-2, -1, 1, 2};
    double[] weights = {1, -8, 8, -1};
    for (int s = 0; s < multiples.length; s++) {
      float[] moved = adapter.clone();
      for (int i = 0; i < direction.length; i++) {
        moved[from + i] += (float) (multiples[s] * STEP * direction[i]);
      }
      Predictions predictions = worker.predict(moved, batch);
      for (int e = 0; e < slopes.length; e++) {
        double loss = predictions.loss(e);
        slopes[e] += Double.isNaN(loss) ? 0 : weights[s] * loss / (12 * STEP);
      }
    }
    return slopes;
  }
}
