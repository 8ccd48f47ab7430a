package org.lorica.lora;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.lorica.tensor.Matrix;

/**
 * Immutable values of all trainable tensors, float32, flat in the order of the {@link
 * AdapterLayout}; and what earlier rounds have folded into the frozen weights below.
 */
public final class AdapterSet implements Serializable {
  private static final long serialVersionUID = 1L;

  private final AdapterLayout layout;
  private final float[] values;
  private final BaseUpdate base;

  private AdapterSet(AdapterLayout layout, float[] values, BaseUpdate base) {
    if (values.length != layout.size()) {
      throw new IllegalArgumentException(
          "an adapter of this layout holds " + layout.size() + " values, got " + values.length);
    }
    this.layout = layout;
    this.values = values;
    this.base = base;
  }

  /** Copies {@code values}; nothing is folded into the frozen weights. */
  public static AdapterSet of(AdapterLayout layout, float[] values) {
    return new AdapterSet(layout, values.clone(), BaseUpdate.NONE);
  }

  /** What earlier rounds have folded into the frozen weights below this adapter. */
  public BaseUpdate base() {
    return base;
  }

  /** The same values above other frozen weights. */
  public AdapterSet withBase(BaseUpdate next) {
    return new AdapterSet(layout, values, next);
  }

  /**
   * The same model as one adapter above the model's own weights: of greater rank, [B Bf]·[A; Af],
   * where something has been folded into them.
   */
  public AdapterSet concatenated() {
    if (base.isEmpty()) {
      return this;
    }
    List<LoraFactors> sums = new ArrayList<>();
    List<LoraFactors> own = factors();
    for (int m = 0; m < own.size(); m++) {
      sums.add(BaseUpdate.sum(own.get(m), base.factors().get(m)));
    }
    List<LoraRank> ranks = new ArrayList<>();
    for (int m = 0; m < sums.size(); m++) {
      ranks.add(new LoraRank(sums.get(m).rank(), layout.scaling(m)));
    }
    AdapterLayout wide = new AdapterLayout(layout.modules(), layout.head(), ranks);
    AdapterSet zero = AdapterSet.of(wide, new float[wide.size()]);
    return zero.withFactors(sums).withTensors(Set.of(Role.HEAD), tensors(Set.of(Role.HEAD)));
  }

  public AdapterLayout layout() {
    return layout;
  }

  /** A copy of the flat vector. */
  public float[] toArray() {
    return values.clone();
  }

  /** Whether all trainable values are finite and of a magnitude below {@code limit}. */
  public boolean isBelow(double limit) {
    for (float value : values) {
      if (!(Math.abs(value) < limit)) {
        return false;
      }
    }
    return true;
  }

  /** One tensor, in doubles. */
  public Matrix tensor(TensorSlot slot) {
    double[] part = new double[slot.size()];
    for (int i = 0; i < part.length; i++) {
      part[i] = values[slot.offset() + i];
    }
    return Matrix.of(slot.rows(), slot.cols(), part);
  }

  /** The factors of every module, in layout order. */
  public List<LoraFactors> factors() {
    List<LoraFactors> all = new ArrayList<>();
    List<TensorSlot> slots = layout.slots();
    for (int m = 0; m < layout.modules().size(); m++) {
      all.add(new LoraFactors(tensor(slots.get(2 * m)), tensor(slots.get(2 * m + 1))));
    }
    return all;
  }

  /** The factors of one module, by its full name. */
  public LoraFactors factors(String module) {
    return new LoraFactors(tensor(slot(module, Role.B)), tensor(slot(module, Role.A)));
  }

  private TensorSlot slot(String module, Role role) {
    return layout
        .slot(module, role)
        .orElseThrow(() -> new IllegalArgumentException("no adapter on module " + module));
  }

  /** The tensors of the given roles, in layout order. */
  public List<Matrix> tensors(Set<Role> roles) {
    return layout.slots().stream().filter(s -> roles.contains(s.role())).map(this::tensor).toList();
  }

  /** This adapter with new factors for every module; the head stays. */
  public AdapterSet withFactors(List<LoraFactors> factors) {
    List<Matrix> tensors = new ArrayList<>();
    for (LoraFactors f : factors) {
      tensors.add(f.b());
      tensors.add(f.a());
    }
    return withTensors(Set.of(Role.B, Role.A), tensors);
  }

  /**
   * This adapter with the tensors of the given roles replaced, in layout order; values are rounded
   * to float.
   */
  public AdapterSet withTensors(Set<Role> roles, List<Matrix> tensors) {
    return withTensors(
        layout.slots().stream().filter(s -> roles.contains(s.role())).toList(), tensors);
  }

  /** This adapter with the tensors at {@code slots} replaced; values are rounded to float. */
  public AdapterSet withTensors(List<TensorSlot> slots, List<Matrix> tensors) {
    if (slots.size() != tensors.size()) {
      throw new IllegalArgumentException(
          "expected " + slots.size() + " tensors, got " + tensors.size());
    }
    float[] next = values.clone();
    for (int i = 0; i < slots.size(); i++) {
      TensorSlot slot = slots.get(i);
      Matrix matrix = tensors.get(i);
      if (matrix.rows() != slot.rows() || matrix.cols() != slot.cols()) {
        throw new IllegalArgumentException(
            slot.module()
                + " "
                + slot.role()
                + " is "
                + slot.rows()
                + " x "
                + slot.cols()
                + ", got "
                + matrix.rows()
                + " x "
                + matrix.cols());
      }
      double[] from = matrix.toArray();
      for (int j = 0; j < from.length; j++) {
        next[slot.offset() + j] = (float) from[j];
      }
    }
    return new AdapterSet(layout, next, base);
  }

  /**
   * 64 bits of SHA-256 over all value bits, folded ones included: a part of every noise key, so
   * that noise is never reused on another sum.
   */
  public long digest() {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    for (float v : values) {
      bytes.putFloat(v);
    }
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(bytes.array());
      for (LoraFactors factors : base.factors()) {
        sha.update(bytes(factors.b()));
        sha.update(bytes(factors.a()));
      }
      return ByteBuffer.wrap(sha.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static byte[] bytes(Matrix matrix) {
    ByteBuffer bytes = ByteBuffer.allocate(matrix.rows() * matrix.cols() * Double.BYTES);
    for (double v : matrix.toArray()) {
      bytes.putDouble(v);
    }
    return bytes.array();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AdapterSet that
        && layout.equals(that.layout)
        && Arrays.equals(values, that.values)
        && base.equals(that.base);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * layout.hashCode() + Arrays.hashCode(values)) + base.hashCode();
  }
}
