package org.lorica.tensor;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A matrix (rows × cols) in off-heap or device memory: a view of an {@link Arena}'s block. Elements
 * of a row are adjacent unless the view is transposed; rows are {@code stride} elements apart.
 */
public final class Tensor {
  private final Block block;
  private final int offset;
  private final int rows;
  private final int cols;
  private final int stride;
  private final boolean transposed;

  Tensor(Block block, int offset, int rows, int cols) {
    this(block, offset, rows, cols, cols, false);
  }

  private Tensor(Block block, int offset, int rows, int cols, int stride, boolean transposed) {
    this.block = block;
    this.offset = offset;
    this.rows = rows;
    this.cols = cols;
    this.stride = stride;
    this.transposed = transposed;
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
    return new Tensor(block, offset, /* rows= */ cols, /* cols= */ rows, stride, !transposed);
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
    return new Tensor(block, offset + row * stride + col, height, width, stride, false);
  }

  /** The elements [from, from + height·width) of one row, seen as a height × width matrix. */
  public Tensor matrixInRow(int row, int from, int height, int width) {
    Tensor flat = view(row, 1, from, height * width);
    return new Tensor(block, flat.offset, height, width, width, false);
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

  /** A pointer to element (0, 0), FLOAT32 only. */
  public FloatPointer floatPointer() {
    if (precision() != Precision.FLOAT32) {
      throw new IllegalStateException("a float pointer needs FLOAT32 memory, got " + precision());
    }
    return new FloatPointer(new Address(host().address(offset)));
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
