package org.lorica.sketch;

import java.util.ArrayList;
import java.util.List;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraFactors;
import org.lorica.tensor.Matrix;

/**
 * Core stage: A_kᵀ·(B_kᵀ·Q), in × l per module; summed over clients it is (Qᵀ·ΔW)ᵀ (FedASK, arXiv
 * 2507.09990).
 *
 * @param bases Q per module, out × l, orthonormal columns
 */
public record CoreSketch(List<Matrix> bases) implements ClientMessage {
  public CoreSketch {
    bases = List.copyOf(bases);
  }

  @Override
  public List<Matrix> from(TrainedClient client) {
    List<LoraFactors> factors = client.adapter().factors();
    List<Matrix> sketches = new ArrayList<>();
    for (int m = 0; m < factors.size(); m++) {
      Matrix small = factors.get(m).b().transpose().times(bases.get(m)); // r × l
      sketches.add(factors.get(m).a().transpose().times(small));
    }
    return sketches;
  }

  @Override
  public long valuesUp(AdapterLayout layout) {
    long values = 0;
    for (int m = 0; m < bases.size(); m++) {
      values += (long) layout.modules().get(m).in() * bases.get(m).cols();
    }
    return values;
  }

  @Override
  public long valuesDown() {
    return bases.stream().mapToLong(q -> (long) q.rows() * q.cols()).sum();
  }
}
