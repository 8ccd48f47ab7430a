package org.lorica.privacy;

/**
 * What a guarantee is about and rests on. Combinations without a theorem are refused, with the key
 * and a remedy.
 */
public record Protocol(
    Unit unit, ThreatModel against, Sampler sampler, Participation participation, NoiseMode noise) {

  /** Whose presence is hidden; the relation is add or remove one. */
  public enum Unit {
    /** One record of one client. */
    RECORD,
    /** All records of one client together. */
    CLIENT
  }

  /** Who looks. */
  public enum ThreatModel {
    /** The server, which sees every client's message and chose the cohorts. */
    SERVER,
    /** Everybody but the server, which sums clipped messages in the clear and adds the noise. */
    CENTRAL
  }

  /** How the batch of a local step is drawn. */
  public enum Sampler {
    POISSON,
    FIXED,
    SHUFFLE
  }

  /** How the cohort of a round is drawn. */
  public enum Participation {
    /** Shuffled passes over all clients. */
    ROUND_ROBIN,
    /** Every client with the same probability, independently; a cohort may be empty. */
    POISSON
  }

  /** Where noise comes from. */
  public enum NoiseMode {
    /** The run's seed: reproducible, so no formal guarantee. */
    SIMULATION,
    /** A secret key and an exact sampler on an integer grid. */
    SECURE
  }

  public Protocol {
    if (unit == Unit.RECORD && against == ThreatModel.CENTRAL) {
      throw new IllegalArgumentException(
          "privacy.threat-model = central has no mechanism for privacy.unit = record: clients noise"
              + " their own steps; set privacy.threat-model = server, or privacy.unit = client");
    }
    if (unit == Unit.RECORD && sampler != Sampler.POISSON) {
      throw new IllegalArgumentException(
          "privacy.sampler = "
              + sampler.name().toLowerCase(java.util.Locale.ROOT)
              + " has no theorem for privacy.unit = record: epsilon is computed for Poisson"
              + " batches; set privacy.sampler = poisson, or privacy.mode = none");
    }
    if (unit == Unit.CLIENT
        && against == ThreatModel.CENTRAL
        && participation != Participation.POISSON) {
      throw new IllegalArgumentException(
          "federation.participation = round-robin has no theorem for privacy.threat-model ="
              + " central: cohorts must be drawn independently; set federation.participation ="
              + " poisson");
    }
  }
}
