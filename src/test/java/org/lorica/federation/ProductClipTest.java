package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.Example;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.lora.LoraRanks;
import org.lorica.lora.Role;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Clipper;
import org.lorica.privacy.GaussianNoiser;
import org.lorica.privacy.PoissonSampler;
import org.lorica.privacy.Release;
import org.lorica.random.RandomKey;
import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;
import org.lorica.testing.DenseProducts;
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;

/** The local step in product space against its dense twin: clip out × in, noise it, times Aᵀ. */
class ProductClipTest {
  private static final double C = 0.05;
  private static final double SIGMA = 1.5;
  private static final int BATCH = 4;

  @TempDir private Path dir;
  private Model model;
  private AdapterLayout layout;
  private AdapterSet start;

  @BeforeEach
  void load() {
    model = Models.load(TinyModels.bert(dir, 5), new CpuKernels());
    List<LoraModule> targets = TinyBackbones.queryAndValue(model);
    LoraRanks ranks =
        new LoraRanks(2, 3, LoraRanks.Divisor.RANK, Map.of("1.*value", 1), Map.of("query", 2.5));
    layout = new AdapterLayout(targets, model.headModules(), ranks.of(targets));
    start = AdapterInit.fresh(layout, model.headValues(), RandomKey.root(1));
  }

  private static List<Example> examples() {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      examples.add(new Example(new int[] {1 + i, 2, 3 + 2 * i, 4}, i % TinyModels.CLASSES));
    }
    return examples;
  }

  /** Released sums of all steps; B's slots first, then the head's. */
  private List<double[]> sums(double sigma, int steps, List<Example> examples) {
    ClientOptimizer.Settings frozen =
        new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 0, 0, 0);
    LocalTask task =
        new LocalTask(
            0, start, LocalPlan.productClipped(), new LocalTask.Training(steps, BATCH, 4, frozen));
    ClientTerms terms =
        new ClientTerms(
            new PoissonSampler(1),
            1,
            new Release(new Clipper(C), new GaussianNoiser(sigma, C)),
            Release.PLAIN);
    List<double[]> sums = new ArrayList<>();
    StepObserver keep = (p, active, sum) -> sums.add(sum.clone());
    new LocalTrainer(model.worker(layout), task, keep)
        .train(new Participant(0, 1, terms, RandomKey.root(9)), examples);
    return sums;
  }

  @Test
  void theClippedSumIsTheDenseOneTimesA() {
    double[] sum = sums(0, 1, examples()).get(0);
    List<Matrix> dense = new ArrayList<>();
    int clipped = 0;
    for (Example example : examples()) {
      List<Matrix> gradients = DenseProducts.gradients(model, start, example);
      double factor = Math.min(1, C / DenseProducts.norm(gradients));
      clipped += factor < 1 ? 1 : 0;
      for (int m = 0; m < gradients.size(); m++) {
        Matrix part = gradients.get(m).scaled(factor);
        if (m < dense.size()) {
          dense.set(m, dense.get(m).plus(part));
        } else {
          dense.add(part);
        }
      }
    }
    assertThat(clipped).isPositive();
    int at = 0;
    for (int m = 0; m < dense.size(); m++) {
      boolean head = m >= layout.modules().size();
      Matrix expected =
          head ? dense.get(m) : dense.get(m).times(start.factors().get(m).a().transpose());
      for (double value : expected.toArray()) {
        assertThat(sum[at++]).isCloseTo(value, org.assertj.core.data.Offset.offset(1e-6));
      }
    }
    assertThat(at).isEqualTo(sum.length);
  }

  /**
   * Whitened by L⁻¹ the noise of every module's rows is N(0, (σC)²), the head's as it is.
   * Kolmogorov–Smirnov over 300 steps, false-alarm rate 1e-5 a check; plain noise on B is caught.
   */
  @Test
  void theNoiseIsThatOfTheProductTimesA() {
    List<double[]> sums = sums(SIGMA, 300, List.of());
    int at = 0;
    for (int m = 0; m < layout.modules().size(); m++) {
      int out = layout.modules().get(m).out();
      LinearAlgebra.Svd svd = LinearAlgebra.svd(start.factors().get(m).a());
      double[] inverse = svd.values().toArray();
      for (int j = 0; j < inverse.length; j++) {
        inverse[j] = 1 / inverse[j];
      }
      Matrix whiten = svd.u().scaledColumns(inverse); // rows·U/S
      int rank = layout.rank(m);
      assertThat(pValue(rows(sums, at, out, whiten))).isGreaterThan(1e-5);
      assertThat(pValue(rows(sums, at, out, Matrix.identity(rank)))).isLessThan(1e-5);
      at += out * rank;
    }
    List<Double> head = new ArrayList<>();
    for (double[] sum : sums) {
      for (int i = at; i < sum.length; i++) {
        head.add(sum[i]);
      }
    }
    assertThat(pValue(head)).isGreaterThan(1e-5);
    assertThat(layout.slots().stream().filter(s -> s.role() == Role.HEAD).count()).isEqualTo(2);
  }

  private static List<Double> rows(List<double[]> sums, int from, int out, Matrix map) {
    List<Double> all = new ArrayList<>();
    for (double[] sum : sums) {
      double[] block = java.util.Arrays.copyOfRange(sum, from, from + out * map.rows());
      for (double v : Matrix.of(out, map.rows(), block).times(map).toArray()) {
        all.add(v);
      }
    }
    return all;
  }

  private static double pValue(List<Double> values) {
    return new KolmogorovSmirnovTest()
        .kolmogorovSmirnovTest(
            new NormalDistribution(null, 0, SIGMA * C),
            values.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
