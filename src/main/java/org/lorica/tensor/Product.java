package org.lorica.tensor;

/** Arguments and result of one of the products of {@link Kernels#gemmEach}. */
public final class Product {
  private Tensor a;
  private Tensor b;
  private Tensor c;

  /** A product that has to be {@link #set} before use. */
  public Product() {}

  public Product(Tensor a, Tensor b, Tensor c) {
    set(a, b, c);
  }

  public void set(Tensor left, Tensor right, Tensor result) {
    a = left;
    b = right;
    c = result;
  }

  public Tensor a() {
    return a;
  }

  public Tensor b() {
    return b;
  }

  public Tensor c() {
    return c;
  }
}
