package org.lorica.testing;

import java.util.ArrayList;
import java.util.List;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.LoraRank;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.model.Model;
import org.lorica.model.PerExampleGradients;
import org.lorica.model.Worker;
import org.lorica.tensor.Matrix;

/**
 * Gradients of one example with respect to the products BA, formed in full: the same model with
 * factors BA (out × in) and the identity has s·∂loss/∂W as the gradient of its B. All modules must
 * have the same width.
 */
public final class DenseProducts {
  private DenseProducts() {}

  /** One out × in matrix a module, then the head's gradients as they are. */
  public static List<Matrix> gradients(Model model, AdapterSet adapter, Example example) {
    AdapterLayout layout = adapter.layout();
    int in = layout.modules().get(0).in();
    AdapterLayout wide =
        new AdapterLayout(
            layout.modules(),
            layout.head(),
            layout.ranks().stream().map(r -> new LoraRank(in, r.scaling())).toList());
    List<LoraFactors> full = new ArrayList<>();
    adapter.factors().forEach(f -> full.add(new LoraFactors(f.product(), Matrix.identity(in))));
    List<Matrix> head = adapter.tensors(java.util.Set.of(Role.HEAD));
    AdapterSet same =
        AdapterSet.of(wide, new float[wide.size()])
            .withFactors(full)
            .withTensors(java.util.Set.of(Role.HEAD), head);
    ActiveTensors active = ActiveTensors.of(wide, slot -> slot.role() != Role.A);
    Worker worker = model.worker(wide);
    PerExampleGradients gradients = worker.gradients(same.toArray(), active, List.of(example));
    double[] packed = new double[active.size()];
    gradients.addScaledTo(new double[] {1}, packed);
    List<Matrix> all = new ArrayList<>();
    for (TensorSlot slot : active.packed()) {
      double[] part = java.util.Arrays.copyOfRange(packed, slot.offset(), slot.end());
      all.add(Matrix.of(slot.rows(), slot.cols(), part));
    }
    return all;
  }

  /** Joint norm. */
  public static double norm(List<Matrix> gradients) {
    return Math.sqrt(gradients.stream().mapToDouble(g -> g.norm() * g.norm()).sum());
  }
}
