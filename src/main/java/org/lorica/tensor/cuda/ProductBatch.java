package org.lorica.tensor.cuda;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lorica.tensor.Product;

/** Many products, those of one shape in one call. */
final class ProductBatch {
  private final CudaKernels kernels;

  ProductBatch(CudaKernels kernels) {
    this.kernels = kernels;
  }

  void run(double alpha, List<Product> products, double beta) {
    Gemm.Factors factors = new Gemm.Factors((float) alpha, (float) beta);
    Map<Gemm, List<Product>> alike = new LinkedHashMap<>();
    for (Product product : products) {
      Gemm gemm = Gemm.of(factors, product.a(), product.b(), product.c());
      if (product.c().size() > 0) {
        alike.computeIfAbsent(gemm, g -> new ArrayList<>()).add(product);
      }
    }
    alike.forEach(
        (gemm, some) -> {
          if (some.size() == 1 || gemm.size().k() == 0) {
            some.forEach(p -> kernels.gemm(alpha, p.a(), p.b(), beta, p.c()));
          } else {
            alike(gemm, some);
          }
        });
  }

  private void alike(Gemm gemm, List<Product> products) {
    int count = products.size();
    long[] addresses = new long[3 * count];
    for (int i = 0; i < count; i++) {
      addresses[i] = Arguments.address(products.get(i).a());
      addresses[count + i] = Arguments.address(products.get(i).b());
      addresses[2 * count + i] = Arguments.address(products.get(i).c());
    }
    Lane lane = kernels.lane();
    lane.stream().gemmEach(gemm, count, lane.scratch().upload(addresses));
  }
}
