package org.lorica.strategy;

import java.util.List;
import java.util.stream.LongStream;
import org.lorica.federation.GradientTransform;
import org.lorica.federation.LocalPlan;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;

/**
 * One factor at a time: {@code period} local steps on {@code first}, as many on the other, and so
 * on to the end of the round.
 *
 * @param first A or B
 */
record AlternatingPlan(Role first, int period, List<GradientTransform> transforms)
    implements LocalPlan {
  AlternatingPlan {
    transforms = List.copyOf(transforms);
  }

  @Override
  public boolean trains(TensorSlot slot, int step) {
    boolean firstsTurn = (step - 1) / period % 2 == 0;
    return slot.role() == Role.HEAD || (slot.role() == first) == firstsTurn;
  }

  @Override
  public long digest() {
    LongStream own = LongStream.of(4, first == Role.B ? 1 : 2, period); // 0 to 3: LocalPlan.always
    return LocalPlan.digestOf(
        LongStream.concat(own, transforms.stream().mapToLong(GradientTransform::digest)).toArray());
  }
}
