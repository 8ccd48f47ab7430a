package org.lorica.federation;

import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.lorica.lora.AdapterSet;
import org.lorica.sketch.FixedPointSum;
import org.lorica.tensor.DeviceException;

/** Turns a client's failed training into a zero change and a line that names it. */
final class ClientDrop {
  private static final double MARGIN = 16;

  private ClientDrop() {}

  /**
   * The training's result, or what stands for it. Errors of the JVM and of devices, unreadable
   * files and interruptions pass: they say nothing of the client, and another attempt may succeed.
   */
  static ClientUpdate guard(
      LocalTask task, Participant participant, Supplier<ClientUpdate> training) {
    try {
      ClientUpdate update = training.get();
      return isSummable(update.adapter())
          ? update
          : dropped(task, participant, ClientFailure.diverged(participant.client()));
    } catch (UncheckedIOException | DeviceException e) {
      throw e;
    } catch (RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      return dropped(task, participant, ClientFailure.of(participant.client(), e));
    }
  }

  /**
   * Whether everything that a strategy may ask of the adapter stays within {@link
   * FixedPointSum#LIMIT}: its values, and sketches of its products, whose entries are at most some
   * multiple of ‖B‖·‖A‖.
   */
  private static boolean isSummable(AdapterSet adapter) {
    return adapter.isBelow(FixedPointSum.LIMIT)
        && adapter.factors().stream()
            .allMatch(f -> f.b().norm() * f.a().norm() * MARGIN < FixedPointSum.LIMIT);
  }

  private static ClientUpdate dropped(
      LocalTask task, Participant participant, ClientFailure failure) {
    return ClientUpdate.dropped(participant, task.global(), failure);
  }
}
