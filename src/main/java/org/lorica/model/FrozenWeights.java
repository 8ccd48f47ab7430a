package org.lorica.model;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;
import org.lorica.data.StoredModel;
import org.lorica.lora.TaskHeads;
import org.lorica.tensor.Arena;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Precision;
import org.lorica.tensor.Tensor;

/**
 * Moves a model's tensors from its files to the kernels' memory, where they stay. Keeps account of
 * what was asked for, so that weights the architecture does not know are an error and not silently
 * lost.
 */
final class FrozenWeights {
  private static final int PIECE = 1 << 22; // values read at once
  private static final double GIB = 1 << 30;

  private final StoredModel stored;
  private final Arena arena;
  private final String prefix;
  private final Optional<FreshHead> fresh;
  private final Set<String> used = new HashSet<>();
  private long parameters = 0;

  private FrozenWeights(StoredModel stored, Arena arena, String prefix, Optional<FreshHead> fresh) {
    this.stored = stored;
    this.arena = arena;
    this.prefix = prefix;
    this.fresh = fresh;
  }

  static FrozenWeights open(Path folder, Kernels kernels) {
    return open(folder, kernels, "", LoadOptions.AS_STORED);
  }

  /**
   * Opens a folder.
   *
   * @param prefix of the backbone's tensors, such as {@code bert.}; a checkpoint of the backbone
   *     alone has none
   */
  static FrozenWeights open(Path folder, Kernels kernels, String prefix, LoadOptions options) {
    StoredModel stored = StoredModel.open(folder);
    Arena arena = kernels.arena();
    requireRoom(stored, arena.precision(), arena::availableBytes);
    return new FrozenWeights(stored, arena, prefix, options.head());
  }

  /** Said before a machine that has not the memory ends the process without a word. */
  static void requireRoom(StoredModel stored, Precision precision, LongUnaryOperator availableFor) {
    long values = 0;
    for (String name : stored.names()) {
      values +=
          stored.shape(name).stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }
    long available = availableFor.applyAsLong(values * precision.bytes());
    if (values > available / precision.bytes()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: its %,d weights take %.1f GiB of memory outside the heap (%s), but only %.1f GiB"
                  + " are available; give more (--off-heap, a larger machine) or take a smaller model",
              stored.file(),
              values,
              values * precision.bytes() / GIB,
              precision.name().toLowerCase(Locale.ROOT),
              available / GIB));
    }
  }

  /** A matrix of exactly this shape. */
  Tensor matrix(String name, int rows, int cols) {
    return load(name, List.of(rows, cols), rows, cols);
  }

  /** A tensor of exactly this shape, as a rows × cols matrix. */
  Tensor matrix(String name, List<Integer> shape, int rows, int cols) {
    return load(name, shape, rows, cols);
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

  /** name.weight and name.bias of a layer norm. */
  Norm norm(String name, int width, double epsilon) {
    Tensor gamma = vector(name + ".weight", width);
    return new Norm(gamma, vector(name + ".bias", width), epsilon);
  }

  /** A head's output layer: the checkpoint's, or a fresh one. The file knows its classes. */
  Linear output(String name, int in) {
    String weight = name + ".weight";
    if (fresh.isEmpty()) {
      return linear(name, rows(weight), in);
    }
    return fresh(name, fresh.get().classes().orElseGet(() -> rows(weight)), in);
  }

  /** As {@link #output}, where the task says how many outputs there are. */
  Linear output(String name, int outputs, int in) {
    return fresh.isEmpty() ? linear(name, outputs, in) : fresh(name, outputs, in);
  }

  /** As {@link #output}, of a layer without a bias. */
  Linear outputWithoutBias(String name, Optional<Integer> outputs, int in) {
    String weight = name + ".weight";
    int rows = outputs.or(() -> fresh.flatMap(FreshHead::classes)).orElseGet(() -> rows(weight));
    if (fresh.isEmpty()) {
      return linearWithoutBias(name, rows, in);
    }
    used.add(resolve(weight));
    parameters += (long) rows * in;
    return new Linear(name, tensor(rows, in, fresh.get().outputWeights(weight, rows, in)), null);
  }

  /** A task asked for by name needs its output layer: the checkpoint's, or a fresh one. */
  void requireHead(String output, Model.Task wanted) {
    String weight = output + ".weight";
    boolean there = has(weight);
    boolean fits = there && (wanted != Model.Task.REGRESSION || shape(weight).get(0) == 1);
    if (fresh.isEmpty() && !fits) {
      throw new IllegalArgumentException(
          "model.task = "
              + wanted.key()
              + " needs a head of its own in the checkpoint, or model.head-init = random or zero;"
              + " expected "
              + weight
              + (wanted == Model.Task.REGRESSION ? " with one row" : "")
              + ", found "
              + (there ? "shape " + shape(weight) : "none"));
    }
  }

  private Linear fresh(String name, int classes, int in) {
    String weight = name + ".weight";
    used.add(resolve(weight));
    used.add(resolve(name + ".bias"));
    FreshHead head = fresh.orElseThrow();
    return made(name, classes, in, head.outputWeights(weight, classes, in));
  }

  /** A layer between backbone and output layer: random if the head is fresh and it is not there. */
  Linear beforeOutput(String name, int out, int in) {
    if (fresh.isEmpty() || has(name + ".weight")) {
      return linear(name, out, in);
    }
    return made(name, out, in, fresh.get().gaussian(name + ".weight", out, in));
  }

  private Linear made(String name, int out, int in, float[] weight) {
    parameters += (long) out * in + out;
    return new Linear(name, tensor(out, in, weight), tensor(1, out, new float[out]));
  }

  /** A tensor of given values, such as interpolated positions. */
  Tensor tensor(int rows, int cols, float[] values) {
    Tensor tensor = arena.allocate(rows, cols);
    tensor.write(values, 0);
    return tensor;
  }

  /** Whether the checkpoint has this tensor. */
  boolean has(String name) {
    return stored.names().contains(resolve(name));
  }

  /** Shape of a tensor. */
  List<Integer> shape(String name) {
    return stored.shape(resolve(name));
  }

  /** Number of rows of a matrix whose height only the file knows. */
  private int rows(String name) {
    List<Integer> shape = shape(name);
    if (shape.size() != 2) {
      throw bad(name, "two dimensions", "shape " + shape);
    }
    return shape.get(0);
  }

  /** Piece by piece: an embedding of a large vocabulary would fill the heap twice over. */
  private Tensor load(String name, List<Integer> shape, int rows, int cols) {
    String there = claim(name, shape);
    Tensor tensor = arena.allocate(rows, cols);
    int most = Math.max(1, PIECE / Math.max(1, cols));
    for (int row = 0; row < rows; row += most) {
      int count = Math.min(most, rows - row);
      tensor.rows(row, count).write(finite(there, row * cols, count * cols), 0);
    }
    return tensor;
  }

  /** The values of a tensor of exactly this shape, row by row; all must be finite. */
  float[] values(String name, List<Integer> shape) {
    String there = claim(name, shape);
    return finite(there, 0, shape.stream().reduce(1, Math::multiplyExact));
  }

  /** Counts a tensor of exactly this shape as used; its name in the file. */
  private String claim(String name, List<Integer> shape) {
    String there = resolve(name);
    List<Integer> found = stored.shape(there);
    if (!found.equals(shape)) {
      throw bad(there, "shape " + shape, found.toString());
    }
    used.add(there);
    parameters += shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    return there;
  }

  private float[] finite(String there, int first, int count) {
    float[] values = stored.floats(there, first, count);
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(values[i])) {
        throw bad(there, "finite weights", values[i] + " at index " + (first + i));
      }
    }
    return values;
  }

  /** Older checkpoints spell a norm's tensors gamma and beta; a backbone's lack its prefix. */
  private String resolve(String name) {
    boolean prefixed = !prefix.isEmpty() && name.startsWith(prefix);
    for (String full : List.of(name, prefixed ? name.substring(prefix.length()) : name)) {
      String old =
          full.replace("LayerNorm.weight", "LayerNorm.gamma")
              .replace("LayerNorm.bias", "LayerNorm.beta");
      for (String spelling : List.of(full, old)) {
        if (stored.names().contains(spelling)) {
          return spelling;
        }
      }
    }
    return name;
  }

  private IllegalArgumentException bad(String tensor, String expected, String found) {
    return new IllegalArgumentException(
        stored.file() + ": tensor " + tensor + ": expected " + expected + ", found " + found);
  }

  /** Number of values loaded so far. */
  long parameters() {
    return parameters;
  }

  /**
   * Refuses tensors that nobody asked for, unless they are known to be no weights, or belong to
   * another head than the fresh one.
   */
  void requireAllUsed(Predicate<String> knownBuffer) {
    for (String name : stored.names()) {
      boolean known =
          used.contains(name)
              || knownBuffer.test(name)
              || (fresh.isPresent()
                  && (TaskHeads.owns(name) || name.matches("(" + prefix + ")?pooler\\..*")));
      if (!known) {
        throw bad(
            name,
            "only weights of the architecture in config.json",
            "shape " + stored.shape(name) + " that has no place there");
      }
    }
  }
}
