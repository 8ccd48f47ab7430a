package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.model.Worker;
import org.lorica.random.RandomKey;
import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;

/** Power iteration against the Hessian formed in full, column by column. */
class TopCurvatureTest {
  @TempDir private Path dir;

  private static AdapterSet adapter(Model model) {
    AdapterLayout layout =
        new AdapterLayout(TinyBackbones.queryAndValue(model), model.headModules(), 1, 2.0);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.5 * RandomKey.root(2).gaussian(i));
    }
    return AdapterSet.of(layout, values);
  }

  private static List<Example> batch() {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      examples.add(new Example(new int[] {1 + i, 2, 3 + 2 * i, 4}, i % TinyModels.CLASSES));
    }
    return examples;
  }

  /** Greatest |eigenvalue| of the symmetric Hessian, which is its greatest singular value. */
  private static double dense(Worker worker, AdapterSet adapter) {
    double h = 0x1p-6;
    ActiveTensors active = ActiveTensors.of(adapter.layout(), s -> s.role() != Role.HEAD);
    int n = active.size();
    double[] hessian = new double[n * n];
    for (int j = 0; j < n; j++) {
      for (int sign = -1; sign <= 1; sign += 2) {
        float[] moved = adapter.toArray();
        moved[j] += (float) (sign * h);
        double[] sum = new double[n];
        double[] factors = new double[batch().size()];
        java.util.Arrays.fill(factors, 1.0 / factors.length);
        worker.gradients(moved, active, batch()).addScaledTo(factors, sum);
        for (int i = 0; i < n; i++) {
          hessian[i * n + j] += sign * sum[i] / (2 * h);
        }
      }
    }
    return LinearAlgebra.svd(Matrix.of(n, n, hessian)).values().at(0);
  }

  @Test
  void itIsTheGreatestEigenvalueOfTheDenseHessian() {
    Model model = Models.load(TinyModels.bert(dir, 5), new CpuKernels());
    AdapterSet adapter = adapter(model);
    double expected = dense(model.worker(adapter.layout()), adapter);
    TopCurvature curvature = new TopCurvature(batch(), 60, 1e-2);
    double found = curvature.at(model.worker(adapter.layout()), adapter, RandomKey.root(1));
    assertThat(Math.abs(found)).isCloseTo(expected, within(0.02 * expected));
  }
}
