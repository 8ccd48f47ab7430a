package org.lorica.federation;

import java.io.Serializable;
import java.util.Locale;

/**
 * A client that dropped out of a round: its training threw, or diverged. It contributes a zero
 * change, which leaves all denominators as they are, and is charged like any other.
 *
 * <p>A drop is a function of data and settings, never of the machine, so that a run can be
 * repeated: failures to read a file, lost executors and exhausted memory are not drops but end the
 * task.
 *
 * @param client its index in the population
 * @param reason one line
 */
public record ClientFailure(int client, String reason) implements Serializable {
  private static final int LONGEST = 200;

  public ClientFailure {
    String line = reason.strip().replaceAll("\\s*\\R\\s*", " ");
    reason = line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }

  static ClientFailure of(int client, RuntimeException error) {
    String message = error.getMessage();
    return new ClientFailure(
        client, message == null || message.isBlank() ? error.getClass().getSimpleName() : message);
  }

  static ClientFailure diverged(int client) {
    return new ClientFailure(
        client,
        "trained values are not finite or too large: training diverged; lower"
            + " optimizer.learning-rate");
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "client %d: %s", client, reason);
  }
}
