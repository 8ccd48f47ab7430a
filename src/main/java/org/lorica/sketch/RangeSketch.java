package org.lorica.sketch;

import java.util.ArrayList;
import java.util.List;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraFactors;
import org.lorica.tensor.Matrix;

/**
 * Range stage of a randomized SVD of the summed products: Y_k = B_k·(A_k·Ω), out × l per module,
 * without forming B_k·A_k (FedASK, arXiv 2507.09990; Halko, Martinsson and Tropp, arXiv 0909.4061).
 *
 * @param omegas Ω per module, in × l
 * @param origin whether the clients draw Ω themselves from a shared seed or have to be sent it
 */
public record RangeSketch(List<Matrix> omegas, Origin origin) implements ClientMessage {
  /** Where the clients have Ω from. */
  public enum Origin {
    SHARED_SEED,
    SENT
  }

  public RangeSketch {
    omegas = List.copyOf(omegas);
  }

  @Override
  public List<Matrix> from(TrainedClient client) {
    List<LoraFactors> factors = client.adapter().factors();
    List<Matrix> sketches = new ArrayList<>();
    for (int m = 0; m < factors.size(); m++) {
      sketches.add(factors.get(m).b().times(factors.get(m).a().times(omegas.get(m))));
    }
    return sketches;
  }

  @Override
  public long valuesUp(AdapterLayout layout) {
    long values = 0;
    for (int m = 0; m < omegas.size(); m++) {
      values += (long) layout.modules().get(m).out() * omegas.get(m).cols();
    }
    return values;
  }

  @Override
  public long valuesDown() {
    return origin == Origin.SHARED_SEED
        ? 0
        : omegas.stream().mapToLong(o -> (long) o.rows() * o.cols()).sum();
  }
}
