package org.lorica.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.sketch.FactorMean;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;

/**
 * FedSVD (arXiv 2505.12805): clients train B; the server averages it and splits the product B̄A by
 * an SVD, so that A has orthonormal rows and B carries the singular values. Exact, because A is
 * common to all.
 *
 * <p>The SVD is taken of B̄·Rᵀ (out × rank) with Aᵀ = QR, never of the out × in product. A's rows
 * therefore span the row space of the A at round 0 for ever, whatever the rank of B̄.
 */
public record FedSvd() implements Strategy {
  private static final Set<Role> SENT = Set.of(Role.B, Role.HEAD);

  @Override
  public String name() {
    return "fedsvd";
  }

  @Override
  public LocalPlan localPlan(RoundContext round) {
    return LocalPlan.always(Set.of(Role.B));
  }

  @Override
  public AdapterSet aggregate(RoundContext round, Cohort cohort) {
    List<Matrix> means = cohort.weightedSum(new FactorMean(SENT)); // every B, then the head
    int modules = round.global().layout().modules().size();
    return round
        .global()
        .withFactors(split(round.global().factors(), means.subList(0, modules)))
        .withTensors(Set.of(Role.HEAD), means.subList(modules, means.size()));
  }

  /** The same products B̄A with orthonormal rows in A, before they are rounded to float. */
  static List<LoraFactors> split(List<LoraFactors> before, List<Matrix> meanB) {
    List<LoraFactors> next = new ArrayList<>();
    for (int m = 0; m < meanB.size(); m++) {
      LinearAlgebra.Qr qr = LinearAlgebra.qr(before.get(m).a().transpose()); // Aᵀ = QR, A = RᵀQᵀ
      LinearAlgebra.Svd svd = LinearAlgebra.svd(meanB.get(m).times(qr.r().transpose()));
      Matrix b = svd.u().scaledColumns(svd.values().toArray());
      next.add(new LoraFactors(b, svd.vt().times(qr.q().transpose())));
    }
    return next;
  }
}
