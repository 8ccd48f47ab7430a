package org.lorica.model;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.lorica.data.SafeTensors;
import org.lorica.lora.LoraModule;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;
import org.lorica.tensor.Arena;
import org.lorica.tensor.Precision;
import org.lorica.tensor.Tensor;

/**
 * Moves a model's tensors from its file to off-heap memory, where they stay. Keeps account of what
 * was asked for, so that weights the architecture does not know are an error and not silently lost.
 */
final class FrozenWeights {
  private final Path file;
  private final SafeTensors stored;
  private final Arena arena;
  private final Set<String> used = new HashSet<>();
  private long parameters = 0;

  private FrozenWeights(Path file, Precision precision) {
    this.file = file;
    this.stored = SafeTensors.open(file);
    this.arena = new Arena(precision);
  }

  static FrozenWeights open(Path folder, Precision precision) {
    return new FrozenWeights(folder.resolve("model.safetensors"), precision);
  }

  /** A matrix of exactly this shape. */
  Tensor matrix(String name, int rows, int cols) {
    return load(name, List.of(rows, cols), rows, cols);
  }

  /** A vector of exactly this length, as 1 × length. */
  Tensor vector(String name, int length) {
    return load(name, List.of(length), 1, length);
  }

  /** name.weight (out × in) with name.bias. */
  Linear linear(String name, int out, int in) {
    return new Linear(name, matrix(name + ".weight", out, in), vector(name + ".bias", out));
  }

  /** name.weight (out × in). */
  Linear linearWithoutBias(String name, int out, int in) {
    return new Linear(name, matrix(name + ".weight", out, in), null);
  }

  /** A fresh name.weight (out × in), Gaussian, with a name.bias of 0. */
  Linear fresh(LoraModule module, double deviation, RandomKey key) {
    double[] draws = new double[module.out() * module.in()];
    key.with(Purpose.MODEL_INIT)
        .with(module.name().hashCode())
        .addGaussiansInPlace(deviation, draws);
    float[] values = new float[draws.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draws[i];
    }
    Tensor weight = arena.allocate(module.out(), module.in());
    weight.write(values, 0);
    Tensor bias = arena.allocate(1, module.out());
    bias.write(new float[module.out()], 0);
    parameters += values.length + module.out();
    return new Linear(module.name(), weight, bias);
  }

  boolean has(String name) {
    return stored.names().contains(name);
  }

  /** Number of rows of a matrix whose height only the file knows. */
  int rows(String name) {
    List<Integer> shape = stored.shape(name);
    if (shape.size() != 2) {
      throw new IllegalArgumentException(
          file + ": tensor " + name + ": expected two dimensions, found shape " + shape);
    }
    return shape.get(0);
  }

  private Tensor load(String name, List<Integer> shape, int rows, int cols) {
    List<Integer> found = stored.shape(name);
    if (!found.equals(shape)) {
      throw new IllegalArgumentException(
          file + ": tensor " + name + ": expected shape " + shape + ", found " + found);
    }
    used.add(name);
    parameters += (long) rows * cols;
    Tensor tensor = arena.allocate(rows, cols);
    tensor.write(stored.floats(name), 0);
    return tensor;
  }

  /** Number of values loaded so far. */
  long parameters() {
    return parameters;
  }

  /** Refuses tensors that nobody asked for, unless they are known to be no weights. */
  void requireAllUsed(Predicate<String> knownBuffer) {
    for (String name : stored.names()) {
      if (!used.contains(name) && !knownBuffer.test(name)) {
        throw new IllegalArgumentException(
            file
                + ": tensor "
                + name
                + ": expected only weights of the architecture in config.json, found shape "
                + stored.shape(name)
                + " that has no place there");
      }
    }
  }
}
