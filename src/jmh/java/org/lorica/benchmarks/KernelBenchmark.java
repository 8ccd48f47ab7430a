package org.lorica.benchmarks;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.lorica.tensor.Arena;
import org.lorica.tensor.AttentionHead;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Single kernels at the shapes of one DP step: 1024 tokens of a 256-wide encoder, its LoRA
 * products, and one attention head over 64 tokens. Every kernel set beside its plain twin.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class KernelBenchmark {
  private static final int TOKENS = 1024;
  private static final int WIDTH = 256;
  private static final int RANK = 8;
  private static final int SEQUENCE = 64;
  private static final int HEAD = 32;
  private static final int CLASSES = 20;
  private static final int BATCH = 16;

  @Param({"CPU", "ND4J"})
  public KernelSet set;

  private Kernels kernels;
  private Tensor x;
  private Tensor y;
  private Tensor weights;
  private Tensor down;
  private Tensor narrow;
  private Tensor scores;
  private Tensor stats;
  private Tensor logits;
  private Tensor dLogits;
  private Norm norm;
  private AttentionHead head;
  private Tensor probabilities;
  private Tensor context;
  private final int[] targets = new int[BATCH];
  private final double[] losses = new double[BATCH];

  /** Random values of unit variance, always the same. */
  @Setup
  public void fill() {
    kernels = set.open();
    Arena arena = kernels.arena();
    SplittableRandom random = new SplittableRandom(20261121);
    x = gaussian(arena, random, TOKENS, WIDTH);
    y = gaussian(arena, random, TOKENS, WIDTH);
    weights = gaussian(arena, random, WIDTH, WIDTH);
    down = gaussian(arena, random, WIDTH, RANK);
    narrow = arena.allocate(TOKENS, RANK);
    scores = gaussian(arena, random, SEQUENCE, SEQUENCE);
    stats = arena.allocate(TOKENS, 2);
    logits = gaussian(arena, random, BATCH, CLASSES);
    dLogits = arena.allocate(BATCH, CLASSES);
    norm = new Norm(gaussian(arena, random, 1, WIDTH), gaussian(arena, random, 1, WIDTH), 1e-5);
    head =
        new AttentionHead(
            gaussian(arena, random, SEQUENCE, HEAD),
            gaussian(arena, random, SEQUENCE, HEAD),
            gaussian(arena, random, SEQUENCE, HEAD));
    probabilities = arena.allocate(SEQUENCE, SEQUENCE);
    context = arena.allocate(SEQUENCE, HEAD);
    for (int i = 0; i < BATCH; i++) {
      targets[i] = i % CLASSES;
    }
  }

  private static Tensor gaussian(Arena arena, SplittableRandom random, int rows, int cols) {
    Tensor tensor = arena.allocate(rows, cols);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        tensor.set(i, j, random.nextGaussian());
      }
    }
    return tensor;
  }

  /** (1024 × 256)·(256 × 256): 134 MFLOP. */
  @Benchmark
  public Tensor gemmLarge() {
    kernels.gemm(1, x, weights, 0, y);
    return y;
  }

  /** (1024 × 256)·(256 × 8), as LoRA's A: 4.2 MFLOP. */
  @Benchmark
  public Tensor gemmSmall() {
    kernels.gemm(1, x, down, 0, narrow);
    return narrow;
  }

  /** Of 64 rows of 64, in place: from the second call on, of its own result. */
  @Benchmark
  public Tensor softmax() {
    kernels.softmax(SEQUENCE, 0, scores);
    return scores;
  }

  /** Of 1024 × 256 values. */
  @Benchmark
  public Tensor gelu() {
    kernels.gelu(x, y);
    return y;
  }

  /** Of 1024 rows of 256. */
  @Benchmark
  public Tensor layerNorm() {
    kernels.normalise(x, norm, y, stats);
    return y;
  }

  /** One head of width 32 over 64 tokens: two products and a softmax. */
  @Benchmark
  public Tensor attention() {
    kernels.attend(new AttentionHead.Scores(0.18, SEQUENCE, 0), head, probabilities, context);
    return context;
  }

  /** 16 examples, 20 classes, with its gradient. */
  @Benchmark
  public double[] crossEntropy() {
    kernels.crossEntropy(logits, targets, losses, dLogits);
    return losses;
  }

  /** Of 1024 × 256 values. */
  @Benchmark
  public double squaredNorm() {
    return kernels.squaredNorm(x);
  }
}
