package org.lorica.federation;

import java.io.Serializable;
import java.util.List;
import java.util.Set;
import org.lorica.lora.GradientSpace;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.random.RandomKey;

/**
 * Which tensors a client trains at which local step (counted from 1). A trained head always trains.
 */
public interface LocalPlan extends Serializable {

  /** Whether {@code slot} is active in local step {@code step}. */
  boolean trains(TensorSlot slot, int step);

  /** What every step's noised gradient goes through before the optimizer, in this order. */
  default List<GradientTransform> transforms() {
    return List.of();
  }

  /**
   * Groups of active tensors, by their places among the layout's slots, along each of which a
   * client measures the curvature of its un-noised batch loss in the last step. No ε covers that;
   * none by default.
   */
  default List<List<Integer>> lossCurvatureGroups() {
    return List.of();
  }

  /** In which coordinates examples are clipped and their sum is noised. */
  default GradientSpace clipSpace() {
    return GradientSpace.FACTORS;
  }

  /** A number that tells plans apart, the same on every machine: part of the noise key. */
  long digest();

  /** A digest of numbers whose order matters. */
  static long digestOf(long... parts) {
    RandomKey key = RandomKey.root(parts.length);
    for (long part : parts) {
      key = key.with(part);
    }
    return key.low();
  }

  /** The same factors at every step. */
  static LocalPlan always(Set<Role> factors) {
    return new Always(Set.copyOf(factors));
  }

  /** B at every step, clipped and noised as gradients of the products BA. */
  static LocalPlan productClipped() {
    return new ProductClipped();
  }

  /** Trains B with clip and noise in product space; A is public and stays. */
  record ProductClipped() implements LocalPlan {
    @Override
    public boolean trains(TensorSlot slot, int step) {
      return slot.role() != Role.A;
    }

    @Override
    public GradientSpace clipSpace() {
      return GradientSpace.PRODUCT;
    }

    @Override
    public long digest() {
      return 6; // 0 to 3: Always; 4 and 5 start the digests of strategies' own plans
    }
  }

  /** Trains the given factors of every module at every step. */
  record Always(Set<Role> factors) implements LocalPlan {
    @Override
    public boolean trains(TensorSlot slot, int step) {
      return slot.role() == Role.HEAD || factors.contains(slot.role());
    }

    @Override
    public long digest() {
      return (factors.contains(Role.B) ? 1L : 0L) + (factors.contains(Role.A) ? 2L : 0L);
    }
  }
}
