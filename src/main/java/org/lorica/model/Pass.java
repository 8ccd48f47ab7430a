package org.lorica.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.Arena;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/** What one forward pass, and its backward pass if any, share: batch, adapter values, gradients. */
final class Pass {
  /** Every row of an activation is read. */
  static final int ALL_ROWS = 0;

  private final Kernels kernels;
  private final Arena arena;
  private final BaseWeights base;
  private final RaggedBatch batch;
  private final Tensor adapters; // lanes × layout size
  private final int[] laneStarts; // first example of every lane, and the number of examples
  private final RowRanges ranges; // what the rows of an activation belong to
  private final Map<Integer, Integer> packedOffsets; // by offset in the layout
  private Tensor gradients; // examples × active size; null without gradients
  private ProductNorms products; // null unless norms are taken of products
  private int leadingRows = ALL_ROWS;

  Pass(Kernels kernels, Arena arena, BaseWeights base, Tensor adapters, RaggedBatch batch) {
    this(kernels, arena, base, adapters, new Lanes(batch, new int[] {0, batch.examples()}));
  }

  /** Examples of several clients one after another: lane l has those from starts[l] on. */
  static final class Lanes {
    private final RaggedBatch batch;
    private final int[] starts; // one more than lanes

    Lanes(RaggedBatch batch, int[] starts) {
      this.batch = batch;
      this.starts = starts;
    }
  }

  Pass(Kernels kernels, Arena arena, BaseWeights base, Tensor adapters, Lanes lanes) {
    this.kernels = kernels;
    this.arena = arena;
    this.base = base;
    this.adapters = adapters;
    this.laneStarts = lanes.starts;
    this.batch = lanes.batch;
    this.ranges = batch.ranges();
    this.packedOffsets = new HashMap<>();
  }

  private Pass(Pass other, RowRanges ranges) {
    this.kernels = other.kernels;
    this.arena = other.arena;
    this.base = other.base;
    this.adapters = other.adapters;
    this.laneStarts = other.laneStarts;
    this.batch = other.batch;
    this.packedOffsets = other.packedOffsets;
    this.gradients = other.gradients;
    this.products = other.products;
    this.ranges = ranges;
  }

  /** The same pass where activations have other rows, such as a later stage's fewer tokens. */
  Pass over(RowRanges other) {
    return new Pass(this, other);
  }

  /** The same pass for a layer of whose output only the first rows of every example are read. */
  Pass readingFirst(int rows) {
    Pass same = new Pass(this, ranges);
    same.leadingRows = rows;
    return same;
  }

  /** Rows of every example that are read of this layer's output; {@link #ALL_ROWS} for all. */
  int leadingRows() {
    return leadingRows;
  }

  /** The rows of every example, or of every attention window. */
  RowRanges ranges() {
    return ranges;
  }

  /** Reserves one packed gradient row an example. */
  void reserveGradients(ActiveTensors active) {
    int packed = 0;
    for (TensorSlot slot : active.slots()) {
      packedOffsets.put(slot.offset(), packed);
      packed += slot.size();
    }
    gradients = arena.allocate(batch.examples(), packed);
  }

  /** From now on also the norms of the products' gradients are taken. */
  void measureProducts(ActiveTensors active) {
    products = new ProductNorms(active, batch.examples());
  }

  Optional<ProductNorms> products() {
    return Optional.ofNullable(products);
  }

  Kernels kernels() {
    return kernels;
  }

  /** The layer to compute with in place of the model's own. */
  Linear base(Linear frozen) {
    return base.of(frozen);
  }

  RaggedBatch batch() {
    return batch;
  }

  Arena arena() {
    return arena;
  }

  Tensor allocate(int rows, int cols) {
    return arena.allocate(rows, cols);
  }

  /** One row a token. */
  Tensor tokenRows(int cols) {
    return arena.allocate(ranges.rows(), cols);
  }

  /** Whether gradients of this tensor are wanted. */
  boolean trains(TensorSlot slot) {
    return slot != null && packedOffsets.containsKey(slot.offset());
  }

  /** The present values of this tensor in one lane's adapter. */
  Tensor value(int lane, TensorSlot slot) {
    return adapters.matrixInRow(lane, slot.offset(), slot.rows(), slot.cols());
  }

  /** What is done with the rows [from, from + count) that belong to one lane. */
  interface OnLane {
    void apply(int lane, int from, int count);
  }

  /**
   * Every lane that has rows, of an activation with this many rows: one an example, or as many as
   * the ranges have.
   */
  void forLanes(int rows, OnLane operation) {
    int lanes = laneStarts.length - 1;
    if (lanes == 1) {
      operation.apply(0, 0, rows);
      return;
    }
    boolean oneAnExample = rows == batch.examples();
    for (int lane = 0; lane < lanes; lane++) {
      int first = laneStarts[lane];
      int end = laneStarts[lane + 1];
      if (end > first) {
        int from = oneAnExample ? first : ranges.start(first);
        int to = oneAnExample ? end : ranges.start(end - 1) + ranges.length(end - 1);
        operation.apply(lane, from, to - from);
      }
    }
  }

  /** A matrix product of the rows [from, from + count) that belong to one lane. */
  interface LaneProduct {
    Kernels.Product of(int lane, int from, int count);
  }

  /** c = alpha·a·b + beta·c of every lane that has rows; see {@link #forLanes}. */
  void gemmOfLanes(double alpha, int rows, LaneProduct product, double beta) {
    List<Kernels.Product> products = new ArrayList<>();
    forLanes(rows, (lane, from, count) -> products.add(product.of(lane, from, count)));
    kernels.gemmEach(alpha, products, beta);
  }

  /** Which lane an example belongs to. */
  int laneOf(int example) {
    int lane = 0;
    while (laneStarts[lane + 1] <= example) {
      lane++;
    }
    return lane;
  }

  /** Where the gradient of one example with respect to this tensor belongs. */
  Tensor gradient(int example, TensorSlot slot) {
    int from = packedOffsets.get(slot.offset());
    return gradients.matrixInRow(example, from, slot.rows(), slot.cols());
  }

  Tensor gradients() {
    return gradients;
  }
}
