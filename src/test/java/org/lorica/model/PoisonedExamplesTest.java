package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.data.Example;
import org.lorica.data.Image;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.GradientSpace;
import org.lorica.lora.Role;
import org.lorica.privacy.Clipper;
import org.lorica.tensor.CpuKernels;
import org.lorica.testing.TinyVision;

/**
 * A record that makes its own gradient infinite must not reach beyond it: into those that share its
 * pass, into its client's sum, or into what the worker computes next.
 */
class PoisonedExamplesTest {
  private static final long SEED = 5;
  private static final Clipper CLIP = new Clipper(1e-3);

  @TempDir private Path folder;

  private Model model(String architecture) {
    return Models.load(
        architecture.equals("vit") ? TinyVision.vit(folder, SEED) : TinyVision.swin(folder, SEED),
        new CpuKernels());
  }

  private static Example poison(Model model, float value) {
    float[] pixels = new float[model.image().orElseThrow().size()];
    Arrays.fill(pixels, 0.5f);
    pixels[3] = value;
    return new Example(Image.of(model.image().orElseThrow(), pixels), 1);
  }

  private static double[] clippedSum(PerExampleGradients gradients, int length) {
    double[] factors = new double[gradients.examples()];
    for (int e = 0; e < factors.length; e++) {
      factors[e] = CLIP.factor(gradients.norm(e));
    }
    double[] sum = new double[length];
    gradients.addScaledTo(factors, sum);
    return sum;
  }

  private static double norm(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
  }

  private static double[] difference(double[] a, double[] b) {
    double[] difference = a.clone();
    for (int i = 0; i < a.length; i++) {
      difference[i] -= b[i];
    }
    return difference;
  }

  @ParameterizedTest(name = "{0}, a pixel of {1}, clip in {2} space")
  @CsvSource({
    "vit, NaN, FACTORS",
    "vit, Infinity, FACTORS",
    "vit, 3e38, FACTORS",
    "vit, 1e18, FACTORS",
    "vit, NaN, PRODUCT",
    "vit, 3e38, PRODUCT",
    "vit, 1e18, PRODUCT",
    "swin, NaN, FACTORS",
    "swin, 3e38, FACTORS",
    "swin, 1e18, FACTORS"
  })
  void oneRecordMovesTheClippedSumByNoMoreThanTheClip(
      String architecture, float value, GradientSpace space) {
    Model model = model(architecture);
    AdapterLayout layout = new AdapterLayout(model.linearModules(), model.headModules(), 2, 1);
    boolean product = space == GradientSpace.PRODUCT;
    ActiveTensors active = ActiveTensors.of(layout, slot -> !product || slot.role() != Role.A);
    SplittableRandom random = new SplittableRandom(SEED);
    float[] adapter = new float[layout.size()];
    for (int i = 0; i < adapter.length; i++) {
      adapter[i] = 0.2f * (float) random.nextGaussian();
    }
    List<Example> clean = TinyVision.batch(model.image().orElseThrow(), 3, random);
    List<Example> poisoned = new ArrayList<>(clean);
    poisoned.add(1, poison(model, value));
    Worker worker = model.worker(layout);
    double[] before = clippedSum(worker.gradients(adapter, active, space, clean), active.size());
    double[] with = clippedSum(worker.gradients(adapter, active, space, poisoned), active.size());
    assertThat(Arrays.stream(with)).as("finite").allMatch(Double::isFinite);
    if (!product) { // B's gradient is longer than the product's, times the norm of A
      assertThat(norm(difference(with, before)))
          .isLessThanOrEqualTo(CLIP.maxGradNorm() * (1 + 1e-5));
    }
    double[] after = clippedSum(worker.gradients(adapter, active, space, clean), active.size());
    assertThat(after).as("nothing is left behind in the worker").containsExactly(before);
    if (!product) {
      List<Lane> lanes = List.of(new Lane(adapter, poisoned), new Lane(adapter, clean));
      double[] neighbour = clippedSum(worker.gradients(lanes, active).get(1), active.size());
      assertThat(norm(difference(neighbour, before))).isCloseTo(0, within(1e-8));
    }
  }
}
