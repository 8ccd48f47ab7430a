package org.lorica.model;

import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Product;
import org.lorica.tensor.Tensor;

/**
 * An adapted linear layer seen head by head, M_h being the rows of W + s·B·A that make head h: maps
 * one row an example between a head's values (y_h) and, for every head, a whole input (x_h). The
 * inputs of an example stand in one row, head after head.
 */
final class HeadwiseLinear {
  private final AdaptedLinear layer;
  private final Attention.Shape shape;
  private Tensor through; // y_h·B_h: examples × heads·rank
  private Tensor hidden; // x_h·Aᵀ: examples × heads·rank

  HeadwiseLinear(AdaptedLinear layer, Attention.Shape shape) {
    this.layer = layer;
    this.shape = shape;
  }

  /** x_h = y_h·M_h for every head: examples × heads·in. */
  Tensor toInputs(Pass pass, Tensor y) {
    Kernels kernels = pass.kernels();
    Tensor weight = pass.arena().borrow(layer.weight(pass));
    Tensor x = pass.allocate(y.rows(), shape.heads() * layer.in());
    ArgumentList<Product> products = pass.work().products();
    for (int h = 0; h < shape.heads(); h++) {
      products.next().set(values(y, h), own(weight, h), input(x, h));
    }
    kernels.gemmEach(1, products, 0);
    if (!layer.adapted()) {
      return x;
    }
    through = pass.allocate(y.rows(), shape.heads() * layer.rank());
    pass.forLanes(
        y.rows(),
        (lane, from, count) -> {
          Tensor a = layer.factorA(pass, lane);
          Tensor b = layer.factorB(pass, lane);
          for (int h = 0; h < shape.heads(); h++) {
            Tensor u = thin(through, h).rows(from, count);
            kernels.gemm(1, values(y, h).rows(from, count), own(b, h), 0, u);
            kernels.gemm(layer.scaling(), u, a, 1, input(x, h).rows(from, count));
          }
        });
    return x;
  }

  /** y_h += x_h·M_hᵀ for every head; y is examples × out. */
  void addOutputs(Pass pass, Tensor x, Tensor y) {
    Kernels kernels = pass.kernels();
    Tensor weight = pass.arena().borrow(layer.weight(pass));
    ArgumentList<Product> products = pass.work().products();
    for (int h = 0; h < shape.heads(); h++) {
      products.next().set(input(x, h), own(weight, h).t(), values(y, h));
    }
    kernels.gemmEach(1, products, 1);
    if (!layer.adapted()) {
      return;
    }
    hidden = pass.allocate(y.rows(), shape.heads() * layer.rank());
    pass.forLanes(
        y.rows(),
        (lane, from, count) -> {
          Tensor a = layer.factorA(pass, lane);
          Tensor b = layer.factorB(pass, lane);
          for (int h = 0; h < shape.heads(); h++) {
            Tensor z = thin(hidden, h).rows(from, count);
            kernels.gemm(1, input(x, h).rows(from, count), a.t(), 0, z);
            kernels.gemm(layer.scaling(), z, own(b, h).t(), 1, values(y, h).rows(from, count));
          }
        });
  }

  /**
   * Gradients of the active factors of a loss whose gradient by M_h is y_hᵀ·x_h, after {@link
   * #toInputs} of this y and {@link #addOutputs} of this x.
   */
  void differentiate(Pass pass, Tensor y, Tensor x) {
    Kernels kernels = pass.kernels();
    double scaling = layer.scaling();
    int heads = shape.heads();
    ArgumentList<Product> products = pass.work().products();
    for (int e = 0; e < y.rows(); e++) {
      if (layer.trainsB(pass)) {
        Tensor gradient = layer.gradientB(pass, e);
        for (int h = 0; h < heads; h++) {
          Tensor values = values(y, h).rows(e, 1);
          products.next().set(values.t(), thin(hidden, h).rows(e, 1), own(gradient, h));
        }
      }
      if (layer.trainsA(pass)) {
        Tensor u = through.matrixInRow(e, 0, heads, layer.rank());
        Tensor inputs = x.matrixInRow(e, 0, heads, layer.in());
        products.next().set(u.t(), inputs, layer.gradientA(pass, e));
      }
    }
    kernels.gemmEach(scaling, products, 0);
  }

  private Tensor values(Tensor y, int head) {
    return y.cols(head * shape.headWidth(), shape.headWidth());
  }

  private Tensor input(Tensor x, int head) {
    return x.cols(head * layer.in(), layer.in());
  }

  private Tensor thin(Tensor rows, int head) {
    return rows.cols(head * layer.rank(), layer.rank());
  }

  /** The rows of one head in a matrix with a row an output. */
  private Tensor own(Tensor matrix, int head) {
    return matrix.rows(head * shape.headWidth(), shape.headWidth());
  }
}
