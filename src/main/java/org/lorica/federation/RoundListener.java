package org.lorica.federation;

/** Told of every finished round. */
public interface RoundListener {
  void roundFinished(RoundResult result);
}
