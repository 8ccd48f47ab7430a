package org.lorica.tensor;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A matrix (rows × cols) in off-heap or device memory: a view of an {@link Arena}'s block. Elements
 * of a row are adjacent unless the view is transposed; rows are {@code stride} elements apart. It
 * must not be used after its arena was released or reset: its memory, and in an arena that {@link
 * Arena#reusingTensors reuses tensors} the object itself, then belong to another matrix. Views live
 * as long as what they are views of.
 */
public final class Tensor {
  private final TensorPool pool; // where views come from; null if each is a new object
  private Block block;
  private int offset;
  private int rows;
  private int cols;
  private int stride;
  private boolean transposed;
  private Tensor turned; // seen the other way round; null before it is asked for

  /** A tensor that stays what it is. */
  Tensor(Block block, int offset, int rows, int cols) {
    this((TensorPool) null);
    lasting(block, offset, rows, cols, cols);
  }

  /** A tensor that has to be placed before use. */
  Tensor(TensorPool pool) {
    this.pool = pool;
  }

  /** Its transposed view is made at once: many threads may read this tensor. */
  private void lasting(Block memory, int first, int height, int width, int pitch) {
    place(memory, first, height, width, pitch);
    turned = new Tensor((TensorPool) null);
    turned.turn(this);
  }

  /** Makes this the matrix whose element (0, 0) is the memory's element {@code first}. */
  void place(Block memory, int first, int height, int width, int pitch) {
    block = memory;
    offset = first;
    rows = height;
    cols = width;
    stride = pitch;
    transposed = false;
  }

  private void turn(Tensor other) {
    place(other.block, other.offset, other.cols, other.rows, other.stride);
    transposed = !other.transposed;
    turned = other;
  }

  /** Makes every use from now on fail. */
  void close() {
    place(null, 0, -1, -1, 0);
    if (turned != null) {
      turned.place(null, 0, -1, -1, 0);
    }
  }

  /** {@code to}, which becomes the same matrix as this one. */
  Tensor as(Tensor to) {
    requirePlain();
    to.place(block, offset, rows, cols, stride);
    return to;
  }

  private Tensor derived(int first, int height, int width, int pitch) {
    Tensor view;
    if (pool == null) {
      view = new Tensor((TensorPool) null);
      view.lasting(block, first, height, width, pitch);
    } else {
      view = pool.next();
      view.place(block, first, height, width, pitch);
    }
    return view;
  }

  public int rows() {
    return rows;
  }

  public int cols() {
    return cols;
  }

  public int size() {
    return rows * cols;
  }

  /** Elements between the starts of two stored rows (of the untransposed storage). */
  public int stride() {
    return stride;
  }

  /**
   * Whether rows and columns are swapped against the storage; only {@link Kernels#gemm} reads such
   * views.
   */
  public boolean transposed() {
    return transposed;
  }

  public Precision precision() {
    return block.precision();
  }

  /** Whether all elements are adjacent, row by row. */
  public boolean contiguous() {
    return !transposed && (stride == cols || rows <= 1);
  }

  /** This matrix transposed (cols × rows), without copying. */
  public Tensor t() {
    if (pool != null && !transposed) {
      turned = turned == null ? new Tensor(pool) : turned;
      turned.turn(this);
    }
    return turned;
  }

  /** Rows [from, from + count), all columns. */
  public Tensor rows(int from, int count) {
    return view(from, count, 0, cols);
  }

  /** Columns [from, from + count), all rows. */
  public Tensor cols(int from, int count) {
    return view(0, rows, from, count);
  }

  /** Rows [row, row + height) and columns [col, col + width). */
  public Tensor view(int row, int height, int col, int width) {
    requireInside(row, height, col, width);
    return derived(offset + row * stride + col, height, width, stride);
  }

  private void requireInside(int row, int height, int col, int width) {
    requirePlain();
    if (row < 0
        || height < 0
        || row + height > rows
        || col < 0
        || width < 0
        || col + width > cols) {
      throw new IndexOutOfBoundsException(
          "view ["
              + row
              + "+"
              + height
              + ", "
              + col
              + "+"
              + width
              + "] lies outside "
              + rows
              + " x "
              + cols);
    }
  }

  /** The elements [from, from + height·width) of one row, seen as a height × width matrix. */
  public Tensor matrixInRow(int row, int from, int height, int width) {
    requireInside(row, 1, from, height * width);
    return derived(offset + row * stride + from, height, width, width);
  }

  public double at(int row, int col) {
    return block.at(index(row, col));
  }

  public void set(int row, int col, double value) {
    block.set(index(row, col), value);
  }

  private int index(int row, int col) {
    if (row < 0 || row >= rows || col < 0 || col >= cols) {
      throw new IndexOutOfBoundsException(
          "[" + row + ", " + col + "] lies outside " + rows + " x " + cols);
    }
    return transposed ? offset + col * stride + row : offset + row * stride + col;
  }

  /** Copies rows·cols values from {@code source}, starting at {@code from}, row by row. */
  public void write(float[] source, int from) {
    requireContiguous();
    if (size() > 0) {
      block.write(offset, source, from, size());
    }
  }

  /**
   * Copies all values, row by row, to {@code target} starting at {@code from}; doubles are rounded
   * to float.
   */
  public void read(float[] target, int from) {
    requireContiguous();
    if (size() > 0) {
      block.read(offset, target, from, size());
    }
  }

  /** All values row by row, as a new array. */
  public float[] toFloats() {
    float[] values = new float[size()];
    read(values, 0);
    return values;
  }

  /**
   * The block's memory; element (0, 0) stands at {@link #byteOffset()}. Native byte order; the
   * host's memory only.
   */
  public ByteBuffer bytes() {
    return host().bytes();
  }

  /** Whether the memory is a device's. */
  public boolean onDevice() {
    return !(block instanceof HostBlock);
  }

  private HostBlock host() {
    if (block instanceof HostBlock host) {
      return host;
    }
    throw new IllegalStateException(
        "the host reaches a device's memory by read and write only, got " + this);
  }

  /** Byte position of element (0, 0) in {@link #bytes()}. */
  public int byteOffset() {
    return offset * precision().bytes();
  }

  /** Address of element (0, 0), where the memory lives. */
  public long address() {
    return block.address(offset);
  }

  /** A pointer to element (0, 0), FLOAT64 only. */
  public DoublePointer doublePointer() {
    if (precision() != Precision.FLOAT64) {
      throw new IllegalStateException("a double pointer needs FLOAT64 memory, got " + precision());
    }
    return new DoublePointer(new Address(host().address(offset)));
  }

  /** The same memory as an ND4J array of shape rows × cols. */
  public INDArray array() {
    long[] strides = transposed ? new long[] {1, stride} : new long[] {stride, 1};
    return Nd4j.create(host().array().data(), new long[] {rows, cols}, strides, offset);
  }

  private void requirePlain() {
    if (transposed) {
      throw new IllegalStateException("take views before transposing");
    }
  }

  private void requireContiguous() {
    if (!contiguous()) {
      throw new IllegalStateException(
          "the tensor must be contiguous, got stride " + stride + " for " + cols + " columns");
    }
  }

  @Override
  public String toString() {
    return "Tensor(" + rows + " x " + cols + ", " + precision() + ")";
  }

  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }
}
