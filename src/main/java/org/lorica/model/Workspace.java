package org.lorica.model;

import java.util.List;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.tensor.Arena;
import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Attending;
import org.lorica.tensor.AttendingGradient;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Move;
import org.lorica.tensor.Product;

/**
 * What one worker's passes use again and again: memory, the frozen weights, and the lists and
 * arrays that are filled anew, so that a pass leaves next to no garbage.
 */
final class Workspace {
  private final Kernels kernels;
  private final Arena arena;
  private final BaseWeights base;
  private final RaggedBatch batch = new RaggedBatch();
  private final ArgumentList<Product> products = new ArgumentList<>(Product::new);
  private final ArgumentList<Move> moves = new ArgumentList<>(Move::new);
  private final ArgumentList<Attending> heads = new ArgumentList<>(Attending::new);
  private final ArgumentList<AttendingGradient> headGradients =
      new ArgumentList<>(AttendingGradient::new);
  private ActiveTensors active; // of the last pass with gradients
  private PackedOffsets offsets = PackedOffsets.NONE;

  Workspace(Kernels kernels, BaseWeights base) {
    this.kernels = kernels;
    this.arena = kernels.stepArena();
    this.base = base;
  }

  Kernels kernels() {
    return kernels;
  }

  Arena arena() {
    return arena;
  }

  BaseWeights base() {
    return base;
  }

  /** The batch of the next pass; that of the last one is no more. */
  RaggedBatch batch(List<Example> examples, int imageRows) {
    batch.fill(examples, imageRows);
    return batch;
  }

  @SuppressWarnings("ReferenceEquality") // a trainer's steps share one object
  PackedOffsets offsets(ActiveTensors next) {
    if (next != active) {
      active = next;
      offsets = PackedOffsets.of(next);
    }
    return offsets;
  }

  /** An empty list, valid until the next one is asked for. */
  ArgumentList<Product> products() {
    products.clear();
    return products;
  }

  /** An empty list, valid until the next one is asked for. */
  ArgumentList<Move> moves() {
    moves.clear();
    return moves;
  }

  /** An empty list, valid until the next one is asked for. */
  ArgumentList<Attending> heads() {
    heads.clear();
    return heads;
  }

  /** An empty list, valid until the next one is asked for. */
  ArgumentList<AttendingGradient> headGradients() {
    headGradients.clear();
    return headGradients;
  }
}
