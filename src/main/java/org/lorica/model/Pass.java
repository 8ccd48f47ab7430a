package org.lorica.model;

import java.util.Optional;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.Arena;
import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Product;
import org.lorica.tensor.Tensor;

/** What one forward pass, and its backward pass if any, share: batch, adapter values, gradients. */
final class Pass {
  /** Every row of an activation is read. */
  static final int ALL_ROWS = 0;

  private final Workspace work;
  private final RaggedBatch batch;
  private final Tensor adapters; // lanes × layout size
  private final int[] laneStarts; // first example of every lane, and the number of examples
  private final RowRanges ranges; // what the rows of an activation belong to
  private PackedOffsets offsets = PackedOffsets.NONE;
  private Tensor gradients; // examples × active size; null without gradients
  private ProductNorms products; // null unless norms are taken of products
  private int leadingRows = ALL_ROWS;

  Pass(Workspace work, Tensor adapters, RaggedBatch batch) {
    this(work, adapters, new Lanes(batch, new int[] {0, batch.examples()}));
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

  Pass(Workspace work, Tensor adapters, Lanes lanes) {
    this.work = work;
    this.adapters = adapters;
    this.laneStarts = lanes.starts;
    this.batch = lanes.batch;
    this.ranges = batch.ranges();
  }

  private Pass(Pass other, RowRanges ranges) {
    this.work = other.work;
    this.adapters = other.adapters;
    this.laneStarts = other.laneStarts;
    this.batch = other.batch;
    this.offsets = other.offsets;
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
    offsets = work.offsets(active);
    gradients = work.arena().allocate(batch.examples(), offsets.size());
  }

  /** From now on also the norms of the products' gradients are taken. */
  void measureProducts(ActiveTensors active) {
    products = new ProductNorms(active, batch.examples());
  }

  Optional<ProductNorms> products() {
    return Optional.ofNullable(products);
  }

  Kernels kernels() {
    return work.kernels();
  }

  /** The layer to compute with in place of the model's own. */
  Linear base(Linear frozen) {
    return work.base().of(frozen);
  }

  RaggedBatch batch() {
    return batch;
  }

  Arena arena() {
    return work.arena();
  }

  /** Lists to be filled for the next call. */
  Workspace work() {
    return work;
  }

  Tensor allocate(int rows, int cols) {
    return work.arena().allocate(rows, cols);
  }

  /** One row a token. */
  Tensor tokenRows(int cols) {
    return work.arena().allocate(ranges.rows(), cols);
  }

  /** Whether gradients of this tensor are wanted. */
  boolean trains(TensorSlot slot) {
    return slot != null && offsets.contains(slot);
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
    for (int lane = 0; lane < laneStarts.length - 1; lane++) {
      int from = firstRow(lane, rows);
      int count = firstRow(lane + 1, rows) - from;
      if (count > 0) {
        operation.apply(lane, from, count);
      }
    }
  }

  /** A matrix of one lane's adapter, such as a layer's factor. */
  interface OfLane {
    Tensor in(Pass pass, int lane);
  }

  /** y = alpha·x·matrix + beta·y on the rows of every lane; see {@link #forLanes}. */
  void gemmOfLanes(double alpha, Tensor x, OfLane matrix, double beta, Tensor y) {
    ArgumentList<Product> products = work.products();
    for (int lane = 0; lane < laneStarts.length - 1; lane++) {
      int from = firstRow(lane, x.rows());
      int count = firstRow(lane + 1, x.rows()) - from;
      if (count > 0) {
        products.next().set(x.rows(from, count), matrix.in(this, lane), y.rows(from, count));
      }
    }
    work.kernels().gemmEach(alpha, products, beta);
  }

  /** Of a lane, in an activation with this many rows. */
  private int firstRow(int lane, int rows) {
    int example = laneStarts[lane];
    if (example == batch.examples()) {
      return rows;
    }
    return rows == batch.examples() ? example : ranges.start(example);
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
    return gradients.matrixInRow(example, offsets.of(slot), slot.rows(), slot.cols());
  }

  Tensor gradients() {
    return gradients;
  }
}
