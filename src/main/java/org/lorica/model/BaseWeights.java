package org.lorica.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.BaseUpdate;
import org.lorica.lora.LoraFactors;
import org.lorica.tensor.Arena;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Matrix;
import org.lorica.tensor.Tensor;

/**
 * The frozen weights as one worker sees them: the model's own, or W + s·B·A where earlier rounds
 * folded an update into them. Only the adapted layers' weights are copied, once for every update;
 * their memory is kept and reused.
 */
final class BaseWeights {
  private final Kernels kernels;
  private final AdapterLayout layout;
  private final Arena arena;
  private final Map<String, Linear> updated = new HashMap<>();
  private BaseUpdate update = BaseUpdate.NONE;

  BaseWeights(Kernels kernels, AdapterLayout layout) {
    this.kernels = kernels;
    this.layout = layout;
    this.arena = kernels.arena();
  }

  /** Uses {@code next} from now on; nothing is done if it is the very update in use. */
  @SuppressWarnings("ReferenceEquality") // comparing all values would cost what it saves
  void use(BaseUpdate next) {
    if (next == update) {
      return;
    }
    if (!next.isEmpty() && next.factors().size() != layout.modules().size()) {
      throw new IllegalArgumentException(
          "an update of the frozen weights must have factors of "
              + layout.modules().size()
              + " modules, got "
              + next.factors().size());
    }
    update = next;
    updated.clear();
    arena.reset();
    for (int m = 0; m < next.factors().size(); m++) {
      updated.put(layout.modules().get(m).name(), null); // filled on first use
    }
  }

  /** The layer to compute with in place of {@code frozen}. */
  Linear of(Linear frozen) {
    return updated.containsKey(frozen.name())
        ? updated.compute(frozen.name(), (name, known) -> known == null ? fold(frozen) : known)
        : frozen;
  }

  private Linear fold(Linear frozen) {
    List<String> names = layout.modules().stream().map(m -> m.name()).toList();
    int module = names.indexOf(frozen.name());
    LoraFactors factors = update.factors().get(module);
    Arena.Mark before = arena.mark();
    try {
      Tensor weight = arena.allocate(frozen.out(), frozen.in());
      kernels.copy(frozen.weight(), weight);
      Arena.Mark mark = arena.mark();
      kernels.gemm(layout.scaling(module), tensor(factors.b()), tensor(factors.a()), 1, weight);
      arena.release(mark);
      return new Linear(frozen.name(), weight, frozen.bias());
    } catch (RuntimeException e) { // such as full memory: the next attempt takes the same place
      arena.release(before);
      throw e;
    }
  }

  private Tensor tensor(Matrix matrix) {
    double[] values = matrix.toArray();
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) values[i];
    }
    Tensor tensor = arena.allocate(matrix.rows(), matrix.cols());
    tensor.write(rounded, 0);
    return tensor;
  }

  long reservedBytes() {
    return arena.reservedBytes();
  }
}
