package org.lorica.federation;

import java.util.List;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;

/**
 * How much of a local step's change of the products is the product of two changes: (B+dB)(A+dA) −
 * BA = dB·A + B·dA + dB·dA. LA-LoRA (arXiv 2602.19926) argues that this cross term, which neither
 * gradient knows of, does the harm under noise.
 */
final class CrossTerm {
  private CrossTerm() {}

  /** ‖dB·dA‖ / ‖dB·A + B·dA‖ over all modules together; 0 where one factor stood still. */
  static double of(AdapterSet before, AdapterSet after) {
    double cross = 0;
    double linear = 0;
    List<LoraFactors> from = before.factors();
    List<LoraFactors> to = after.factors();
    for (int m = 0; m < from.size(); m++) {
      LoraFactors d =
          new LoraFactors(
              to.get(m).b().minus(from.get(m).b()), to.get(m).a().minus(from.get(m).a()));
      LoraFactors first =
          new LoraFactors(d.b(), from.get(m).a()).plus(new LoraFactors(from.get(m).b(), d.a()));
      cross += d.norm() * d.norm();
      linear += first.norm() * first.norm();
    }
    return cross == 0 ? 0 : Math.sqrt(cross / linear);
  }
}
