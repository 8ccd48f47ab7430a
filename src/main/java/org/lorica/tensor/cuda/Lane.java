package org.lorica.tensor.cuda;

import java.lang.ref.Cleaner;
import org.lorica.tensor.Tensor;

/** What one thread keeps to work on a device: its stream, and memory for arguments. */
final class Lane {
  private static final Cleaner CLEANER = Cleaner.create();

  private final CudaStream stream;
  private final Scratch scratch;
  private final Arguments arguments = new Arguments();

  Lane(CudaDriver driver) {
    CudaStream own = driver.stream();
    Scratch memory = scratch(driver, own);
    this.stream = own;
    this.scratch = memory;
    CLEANER.register(
        this,
        () -> {
          memory.close();
          own.close();
        });
  }

  /** A lane that is not made leaves nothing behind: the thread will try again. */
  private static Scratch scratch(CudaDriver driver, CudaStream stream) {
    try {
      return new Scratch(driver, stream);
    } catch (RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  CudaStream stream() {
    return stream;
  }

  /** This thread's scratch memory, empty. */
  Scratch scratch() {
    return scratch.begin();
  }

  /** This thread's arguments, empty. */
  Arguments arguments() {
    return arguments.none();
  }

  /** An elementwise kernel whose arguments are matrices of one shape, then the scalars given. */
  void elementwise(String kernel, Scalars scalars, Tensor... matrices) {
    Tensor shape = matrices[0];
    boolean flat = true;
    for (Tensor t : matrices) {
      if (t.rows() != shape.rows() || t.cols() != shape.cols()) {
        throw new IllegalArgumentException("shapes must agree: " + shape + " and " + t);
      }
      flat &= t.contiguous();
    }
    if (shape.size() == 0) {
      return;
    }
    int rows = flat ? 1 : shape.rows();
    int cols = flat ? shape.size() : shape.cols();
    Arguments all = arguments();
    for (Tensor t : matrices) {
      if (flat) {
        all.flat(t);
      } else {
        all.view(t);
      }
    }
    scalars.addTo(all.integer(rows).integer(cols));
    stream.launch(kernel, Grid.elements(rows, cols), all);
  }

  /** A kernel on the elements of x, whose shape comes after the arguments given. */
  void elements(String kernel, Arguments given, Tensor x) {
    if (x.size() > 0) {
      Grid grid = Grid.elements(x.rows(), x.cols());
      stream.launch(kernel, grid, given.integer(x.rows()).integer(x.cols()));
    }
  }

  /** A kernel with one block a row of x, whose shape comes after the arguments given. */
  void rows(String kernel, Arguments given, Tensor x, Scalars scalars) {
    if (x.size() > 0) {
      scalars.addTo(given.integer(x.rows()).integer(x.cols()));
      stream.launch(kernel, Grid.rows(x.rows(), x.cols()), given);
    }
  }

  /** A kernel whose only argument is an array of structures. */
  void structures(String kernel, Grid grid, long[] fields) {
    long address = scratch().upload(fields);
    stream.launch(kernel, grid, arguments().address(address));
  }

  /** Arguments after the shape. */
  interface Scalars {
    Scalars NONE = arguments -> {};

    void addTo(Arguments arguments);
  }
}
