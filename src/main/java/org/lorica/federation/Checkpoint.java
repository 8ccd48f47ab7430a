package org.lorica.federation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.lorica.privacy.Ledger;

/**
 * All that an interrupted run needs to go on, beside its configuration and, with secure noise, its
 * key. Who takes part in later rounds follows from the number of rounds that are done.
 *
 * @param origin what the run was made of; another one must not be continued from here
 * @param ledger what the done rounds have spent
 * @param observed what the diagnostics of later rounds build on
 */
public record Checkpoint(Origin origin, RoundsDone done, Ledger ledger, StrategyState observed) {

  /** Digests, in hexadecimal digits, of what must not change between two parts of a run. */
  public record Origin(String settings, String inputs) {

    /**
     * The origin of a run.
     *
     * @param settings digest of every setting that has a say in the result
     * @param inventory of model and data: {@link Workbench#inventory}
     */
    public static Origin of(String settings, String inventory) {
      try {
        byte[] digest =
            MessageDigest.getInstance("SHA-256").digest(inventory.getBytes(StandardCharsets.UTF_8));
        return new Origin(settings, HexFormat.of().formatHex(digest));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }
  }
}
