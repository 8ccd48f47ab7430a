package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.SafeTensors;
import org.lorica.data.StoredModel;
import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.Precision;

class FrozenWeightsTest {
  private static final int ROWS = 4_200; // more values than are read at once
  private static final int COLS = 1_001;

  @TempDir Path folder;

  private float[] written(int changed, float value) {
    float[] values = new float[ROWS * COLS];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 0.25f;
    }
    values[changed] = value;
    SafeTensors.write(
        folder.resolve("model.safetensors"),
        Map.of("w", new SafeTensors.Entry(List.of(ROWS, COLS), values)));
    return values;
  }

  @Test
  void aMatrixThatIsReadInPiecesIsTheStoredOne() {
    float[] values = written(0, -1);
    FrozenWeights weights = FrozenWeights.open(folder, new CpuKernels());
    assertThat(weights.matrix("w", ROWS, COLS).toFloats()).isEqualTo(values);
    assertThat(weights.parameters()).isEqualTo(values.length);
  }

  @Test
  void aValueThatIsNotFiniteIsNamedByItsPlaceInTheWholeTensor() {
    int last = ROWS * COLS - 1;
    written(last, Float.NaN);
    FrozenWeights weights = FrozenWeights.open(folder, new CpuKernels());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> weights.matrix("w", ROWS, COLS))
        .withMessageContaining("tensor w: expected finite weights, found NaN at index " + last);
  }

  @Test
  void aModelThatDoesNotFitIsRefusedWithBothSizes() {
    written(0, 0);
    StoredModel stored = StoredModel.open(folder);
    FrozenWeights.requireRoom(stored, Precision.FLOAT32, wanted -> wanted);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> FrozenWeights.requireRoom(stored, Precision.FLOAT64, wanted -> wanted - 1))
        .withMessageContaining("model.safetensors: its 4,204,200 weights take 0.0 GiB")
        .withMessageContaining("(float64)");
  }
}
