package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;
import org.lorica.testing.TinyModels;

/** The backbone of docs/extending.md: its gradients are slopes, and the page shows it as it is. */
class SkipClassifierTest {
  private static final double STEP = 0x1p-9;
  private static final float GRID = 0x1p-10f;
  private static final List<Example> BATCH =
      List.of(new Example(new int[] {1, 2, 3}, 0), new Example(new int[] {7, 5}, 2));

  @TempDir private Path dir;

  @Test
  void everyTensorsGradientIsTheSlopeOfItsExamplesLoss() {
    Model model = SkipClassifier.load(TinyModels.bert(dir, 3), new Nd4jKernels(Precision.FLOAT64));
    AdapterLayout layout = new AdapterLayout(model.linearModules(), model.headModules(), 2, 0.75);
    Worker worker = model.worker(layout);
    SplittableRandom random = new SplittableRandom(5);
    float[] adapter = new float[layout.size()];
    for (int i = 0; i < adapter.length; i++) {
      adapter[i] = GRID * random.nextInt(-500, 501);
    }
    ActiveTensors all = ActiveTensors.of(layout, slot -> true);
    double[][] gradients = new double[BATCH.size()][all.size()];
    PerExampleGradients found = worker.gradients(adapter, all, BATCH);
    found.addScaledTo(new double[] {1, 0}, gradients[0]);
    found.addScaledTo(new double[] {0, 1}, gradients[1]);
    for (TensorSlot slot : all.packed()) {
      double[] direction = random.ints(slot.size(), -1, 2).asDoubleStream().toArray();
      Predictions ahead = worker.predict(moved(adapter, slot, direction, STEP), BATCH);
      double[] up = {ahead.loss(0), ahead.loss(1)};
      Predictions behind = worker.predict(moved(adapter, slot, direction, -STEP), BATCH);
      for (int e = 0; e < BATCH.size(); e++) {
        double along = 0;
        double size = 0;
        for (int i = 0; i < direction.length; i++) {
          double g = gradients[e][slot.offset() + i] * direction[i];
          along += g;
          size += g * g;
        }
        double slope = (up[e] - behind.loss(e)) / (2 * STEP);
        assertThat(Math.abs(along - slope))
            .as("%s of %s", slot.role(), slot.module())
            .isLessThan(1e-3 * Math.sqrt(size) + 1e-5);
      }
    }
  }

  /** With every tensor active, packed and flat offsets are the same. */
  private static float[] moved(float[] adapter, TensorSlot slot, double[] direction, double step) {
    float[] moved = adapter.clone();
    for (int i = 0; i < direction.length; i++) {
      moved[slot.offset() + i] += (float) (step * direction[i]);
    }
    return moved;
  }

  @Test
  void thePageShowsItAsItIs() throws Exception {
    String page = Files.readString(Path.of("docs/extending.md"));
    for (String file : List.of("SkipBlock", "SkipClassifier")) {
      String source = Files.readString(Path.of("src/test/java/org/lorica/model/" + file + ".java"));
      int from = source.indexOf('\n', source.indexOf("// docs: ")) + 1;
      String part = source.substring(from, source.indexOf("// docs: end"));
      assertThat(page).contains("```java\n" + part.strip() + "\n```");
    }
  }
}
