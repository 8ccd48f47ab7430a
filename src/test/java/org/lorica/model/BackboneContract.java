package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lorica.data.Example;
import org.lorica.data.Target;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.GradientSpace;
import org.lorica.lora.LoraRank;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;
import org.lorica.testing.TinyVision;

/**
 * What every backbone owes on every fast kernel set: the predictions and per-example gradients of
 * the plain twin in float64, relative to a gradient's length.
 */
public abstract class BackboneContract {
  private static final long SEED = 20_262;
  private static final double TOLERANCE = 1e-4;

  @TempDir Path folder;

  /** The set under test, in float32. */
  protected abstract Kernels fast();

  static Stream<String> backbones() {
    return Stream.of(
        "bert", "regression", "span", "roberta", "llama", "llama classes", "vit", "deit", "swin");
  }

  private Model load(String backbone, Kernels kernels) {
    return Models.load(TinyBackbones.write(backbone, folder.resolve(backbone), SEED), kernels);
  }

  private static AdapterLayout layout(Model model) {
    List<LoraRank> ranks = new ArrayList<>();
    model.linearModules().forEach(module -> ranks.add(new LoraRank(2, 0.5)));
    return new AdapterLayout(model.linearModules(), model.headModules(), ranks);
  }

  private static float[] adapter(AdapterLayout layout, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextDouble() - 0.5);
    }
    return values;
  }

  private static List<Example> batch(Model model, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    if (model.image().isPresent()) {
      return TinyVision.batch(model.image().get(), 3, random);
    }
    List<Example> batch = new ArrayList<>();
    for (int length : new int[] {5, 2, 9, 5}) {
      int[] tokens = random.ints(length, 0, model.vocabularySize()).toArray();
      int label = random.nextInt(TinyModels.CLASSES);
      Target target =
          switch (model.task()) {
            case SEQUENCE_CLASSIFICATION -> new Target.Label(label);
            case REGRESSION -> new Target.Value(label - 0.75);
            case QUESTION_ANSWERING -> new Target.AnswerSpan(length / 3, length / 2, null);
            case CAUSAL_LANGUAGE_MODELLING -> Target.NONE;
          };
      batch.add(new Example(new org.lorica.data.Tokens(tokens, new int[length]), target));
    }
    return batch;
  }

  @ParameterizedTest
  @MethodSource("backbones")
  void predictionsAreThoseOfThePlainTwin(String backbone) {
    Model fast = load(backbone, fast());
    Model plain = load(backbone, new Nd4jKernels(Precision.FLOAT64));
    AdapterLayout layout = layout(plain);
    float[] adapter = adapter(layout, SEED);
    List<Example> batch = batch(plain, SEED + 1);
    Predictions found = fast.worker(layout).predict(adapter, batch);
    Predictions expected = plain.worker(layout).predict(adapter, batch);
    for (int e = 0; e < batch.size(); e++) {
      assertThat(found.loss(e)).isCloseTo(expected.loss(e), within(TOLERANCE));
      for (int j = 0; j < expected.logits(e).length; j++) {
        assertThat(found.logits(e)[j])
            .as("seed %d, example %d, logit %d", SEED, e, j)
            .isCloseTo(expected.logits(e)[j], within((float) TOLERANCE));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backbones")
  void everyExamplesGradientIsThatOfThePlainTwin(String backbone) {
    Model fast = load(backbone, fast());
    Model plain = load(backbone, new Nd4jKernels(Precision.FLOAT64));
    AdapterLayout layout = layout(plain);
    float[] adapter = adapter(layout, SEED);
    List<Example> batch = batch(plain, SEED + 1);
    Worker worker = fast.worker(layout);
    Worker twin = plain.worker(layout);
    List<Predicate<TensorSlot>> plans =
        List.of(slot -> true, slot -> slot.role() == Role.B, slot -> slot.role() == Role.HEAD);
    for (Predicate<TensorSlot> plan : plans) {
      if (layout.slots().stream().anyMatch(plan)) {
        ActiveTensors active = ActiveTensors.of(layout, plan);
        same(
            worker.gradients(adapter, active, batch),
            twin.gradients(adapter, active, batch),
            active.size());
      }
    }
    ActiveTensors b = ActiveTensors.of(layout, slot -> slot.role() == Role.B);
    same(
        worker.gradients(adapter, b, GradientSpace.PRODUCT, batch),
        twin.gradients(adapter, b, GradientSpace.PRODUCT, batch),
        b.size());
  }

  @ParameterizedTest
  @MethodSource("backbones")
  void lanesInOnePassAreTheClientsOneByOne(String backbone) {
    Model fast = load(backbone, fast());
    AdapterLayout layout = layout(fast);
    ActiveTensors all = ActiveTensors.of(layout, slot -> true);
    List<Lane> lanes = new ArrayList<>();
    for (int lane = 0; lane < 3; lane++) {
      List<Example> batch = batch(fast, SEED + 5 + lane);
      lanes.add(new Lane(adapter(layout, lane), batch.subList(0, batch.size() - lane)));
    }
    Worker together = fast.worker(layout);
    Worker alone = fast.worker(layout);
    List<PerExampleGradients> found = together.gradients(lanes, all);
    for (int lane = 0; lane < 3; lane++) {
      Lane own = lanes.get(lane);
      same(found.get(lane), alone.gradients(own.adapter(), all, own.batch()), all.size());
    }
  }

  private static void same(PerExampleGradients found, PerExampleGradients expected, int size) {
    for (int e = 0; e < expected.examples(); e++) {
      assertThat(found.loss(e)).isCloseTo(expected.loss(e), within(TOLERANCE));
      double norm = expected.norm(e);
      assertThat(found.norm(e)).isCloseTo(norm, within(TOLERANCE * norm));
      double[] row = row(found, e, size);
      double[] twin = row(expected, e, size);
      double difference = 0;
      double length = 0;
      for (int i = 0; i < size; i++) {
        difference += (row[i] - twin[i]) * (row[i] - twin[i]);
        length += twin[i] * twin[i];
      }
      assertThat(Math.sqrt(difference))
          .as("seed %d, example %d", SEED, e)
          .isLessThanOrEqualTo(TOLERANCE * Math.sqrt(length));
    }
  }

  private static double[] row(PerExampleGradients gradients, int example, int size) {
    double[] factors = new double[gradients.examples()];
    factors[example] = 1;
    double[] row = new double[size];
    gradients.addScaledTo(factors, row);
    return row;
  }
}
