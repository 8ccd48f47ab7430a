package org.lorica.model;

import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/** Gradients of B and of the head whose norms are those of the products' gradients. */
final class ProductGradients implements PerExampleGradients {
  private final Kernels kernels;
  private final Tensor rows;
  private final PackedGradients packed;
  private final ProductNorms products;

  ProductGradients(Kernels kernels, Tensor rows, double[] losses, ProductNorms products) {
    this.kernels = kernels;
    this.rows = rows;
    this.packed = new PackedGradients(kernels, rows, losses);
    this.products = products;
  }

  @Override
  public int examples() {
    return packed.examples();
  }

  @Override
  public double loss(int example) {
    return packed.loss(example);
  }

  /** Joint L2 norm over all products' gradients and the head's. */
  @Override
  public double norm(int example) {
    int head = rows.cols() - products.head();
    double ofHead =
        head == 0 ? 0 : kernels.squaredNorm(rows.view(example, 1, products.head(), head));
    // a factor's gradient may overflow where the product's does not: it must not slip through
    double finite = Double.isFinite(packed.norm(example)) ? 0 : Double.NaN;
    return Math.sqrt(products.of(example) + ofHead) + finite;
  }

  @Override
  public void addScaledTo(double[] factors, double[] sum) {
    packed.addScaledTo(factors, sum);
  }
}
