package org.lorica.benchmarks;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.lorica.random.RandomKey;
import org.lorica.sketch.FixedPointSum;
import org.lorica.tensor.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The fixed-point sum of clients' values beside a plain array addition, and noise. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SumBenchmark {
  /** 294,912: A and B of rank 8 on query and value of RoBERTa-base. */
  @Param({"8192", "294912"})
  public int values;

  private double[] plain;
  private double[] total;
  private List<Matrix> message;
  private FixedPointSum sum;
  private FixedPointSum other;
  private long round;

  /** Random values of unit variance, always the same. */
  @Setup
  public void fill() {
    plain = new double[values];
    total = new double[values];
    RandomKey.root(1).addGaussiansInPlace(1e-3, plain);
    message = List.of(Matrix.of(1, values, plain));
    sum = new FixedPointSum();
    other = new FixedPointSum().addInPlace(message, 1e-6);
  }

  @Benchmark
  public double[] plainAdd() {
    for (int i = 0; i < total.length; i++) {
      total[i] += plain[i];
    }
    return total;
  }

  @Benchmark
  public FixedPointSum fixedPointAdd() {
    return sum.addInPlace(message, 1e-6);
  }

  @Benchmark
  public FixedPointSum fixedPointMerge() {
    return sum.mergeInPlace(other);
  }

  /** One client's noise on a step's sum. */
  @Benchmark
  public double[] gaussianNoise() {
    RandomKey.root(round++).addGaussiansInPlace(1, total);
    return total;
  }
}
