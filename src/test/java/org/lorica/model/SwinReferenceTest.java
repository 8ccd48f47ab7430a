package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.data.Example;
import org.lorica.data.SafeTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.CpuKernels;
import org.lorica.testing.LoopSwin;
import org.lorica.testing.TinyVision;

/** Swin against a reference of plain loops. */
class SwinReferenceTest {
  private static final long SEED = 77;

  @TempDir Path folder;

  /**
   * Grids of 5 (filled up), 6 (whole windows, shifted), 3 (one window) and 2 tokens (a window
   * smaller than the table's).
   */
  @ParameterizedTest(name = "{0} pixels")
  @ValueSource(ints = {10, 12, 6, 4, 14})
  void logitsAreThoseOfPlainLoopsForEverySizeOfImage(int side) {
    TinyVision.swin(folder, SEED);
    assertSameAsLoops(new LoadOptions(Optional.of(side), Optional.empty()), 1e-5);
  }

  /** transformers gives layer_norm_eps to the layers and the last norm, and to no other. */
  @Test
  void layerNormEpsIsOfTheLayersAndTheLastNormOnly() throws IOException {
    Path config = TinyVision.swin(folder, SEED).resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("1e-5", "0.3"));
    assertSameAsLoops(LoadOptions.AS_STORED, 0.3);
  }

  /** One row a patch, added after the embedding's norm; resized for another size of image. */
  @Test
  void absolutePositionsAreAddedToThePatches() throws IOException {
    Path config = TinyVision.swin(folder, SEED).resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("false", "true"));
    assertThatThrownBy(() -> Models.load(folder, new CpuKernels()))
        .hasMessageContaining("swin.embeddings.position_embeddings");
    positions(25);
    assertSameAsLoops(LoadOptions.AS_STORED, 1e-5);
    LoadOptions larger = new LoadOptions(Optional.of(14), Optional.empty());
    assertThat(Models.load(folder, new CpuKernels(), larger).maxPositions()).isEqualTo(49);
    positions(26); // what transformers 4 allocates, and can not add
    assertThatThrownBy(() -> Models.load(folder, new CpuKernels()))
        .hasMessageContaining("expected shape [1, 25, 4], found [1, 26, 4]");
  }

  private void positions(int count) {
    Path file = folder.resolve("model.safetensors");
    SafeTensors stored = SafeTensors.open(file);
    Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
    stored
        .names()
        .forEach(n -> tensors.put(n, new SafeTensors.Entry(stored.shape(n), stored.floats(n))));
    SplittableRandom random = new SplittableRandom(SEED);
    float[] values = new float[count * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    tensors.put(
        "swin.embeddings.position_embeddings", new SafeTensors.Entry(List.of(1, count, 4), values));
    SafeTensors.write(file, tensors);
  }

  private void assertSameAsLoops(LoadOptions options, double epsilon) {
    Model model = Models.load(folder, new CpuKernels(), options);
    AdapterLayout layout = new AdapterLayout(model.linearModules(), List.of(), 1, 1);
    List<Example> batch =
        TinyVision.batch(model.image().orElseThrow(), 3, new SplittableRandom(SEED));
    Predictions found = model.worker(layout).predict(new float[layout.size()], batch);
    LoopSwin reference = new LoopSwin(folder, 3, epsilon);
    for (int e = 0; e < batch.size(); e++) {
      org.lorica.data.Image image = (org.lorica.data.Image) batch.get(e).input();
      double[] expected = reference.logits(image, 2, new int[] {2, 1}, new int[] {2, 2});
      for (int k = 0; k < expected.length; k++) {
        assertThat((double) found.logits(e)[k]).isCloseTo(expected[k], within(1e-4));
      }
    }
  }

  /** Without the mask, tokens from opposite borders would see each other. */
  @Test
  void theReferenceTellsAShiftedWindowWithItsMaskFromOneWithout() {
    Windows.Geometry shifted = Windows.Geometry.of(6, 6, 3, 1);
    List<float[]> masks = Windows.masks(shifted);
    assertThat(masks.get(0)).isNull();
    assertThat(masks.get(1)).contains(-100f, 0f);
    assertThat(masks.get(3)).contains(-100f, 0f);
    assertThat(Windows.masks(Windows.Geometry.of(6, 6, 3, 0))).containsOnlyNulls();
    assertThat(Windows.Geometry.of(2, 2, 3, 1)).isEqualTo(new Windows.Geometry(2, 2, 2, 0));
  }
}
