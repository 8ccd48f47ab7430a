package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.Example;
import org.lorica.data.Image;
import org.lorica.data.ImageShape;
import org.lorica.lora.AdapterLayout;
import org.lorica.random.RandomKey;
import org.lorica.tensor.CpuKernels;

/** Models that were never trained load like any other. */
class ScratchModelsTest {
  private static final ScratchVit.Size VIT = new ScratchVit.Size(24, 2, 3, 48, 32, 8);

  @TempDir Path folder;

  @Test
  void aScratchVitIsAViTOfItsSize() {
    ScratchVit.write(folder, VIT, 5, RandomKey.root(1));
    Model model = Models.load(folder, new CpuKernels());
    assertThat(model.image()).contains(new ImageShape(3, 32, 32));
    assertThat(model.maxPositions()).isEqualTo(VIT.tokens()).isEqualTo(17);
    assertThat(model.linearModules()).hasSize(12);
    assertThat(model.outputs()).isEqualTo(5);
    long d = 24;
    long block = 4 * (d * d + d) + 2 * (d * 48) + 48 + d + 4 * d;
    long embedding = d * 3 * 64 + d + d + 17 * d;
    assertThat(model.parameters()).isEqualTo(2 * block + embedding + 2 * d + 5 * d + 5);
  }

  /** Where random weights let features die out or blow up, a measurement would be of NaN. */
  @Test
  void aScratchVitTellsImagesApart() {
    ScratchVit.write(folder, VIT, 5, RandomKey.root(1));
    Model model = Models.load(folder, new CpuKernels());
    SplittableRandom random = new SplittableRandom(2);
    List<Example> images = IntStream.range(0, 2).mapToObj(i -> image(random)).toList();
    AdapterLayout layout = new AdapterLayout(model.linearModules(), List.of(), 1, 1);
    Predictions predictions = model.worker(layout).predict(new float[layout.size()], images);
    assertThat(predictions.logits(0)).isNotEqualTo(predictions.logits(1));
    for (int e = 0; e < 2; e++) {
      for (float logit : predictions.logits(e)) {
        assertThat(logit).isFinite().isBetween(-10f, 10f);
      }
    }
  }

  private static Example image(SplittableRandom random) {
    float[] values = new float[3 * 32 * 32];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return new Example(Image.of(new ImageShape(3, 32, 32), values), 0);
  }

  @Test
  void sizesThatDoNotDivideAreRefused() {
    assertThatThrownBy(() -> new ScratchVit.Size(24, 2, 5, 48, 32, 8))
        .hasMessageContaining("heads must divide hidden, and patch image, got [5, 24] and [8, 32]");
    assertThatThrownBy(() -> new ScratchVit.Size(24, 2, 3, 48, 30, 8))
        .hasMessageContaining("[8, 30]");
  }
}
