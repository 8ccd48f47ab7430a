package org.lorica.strategy;

import java.util.OptionalInt;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.lora.AdapterSet;

/**
 * LA-LoRA's clients (arXiv 2602.19926) and FedASK's server (arXiv 2507.09990): both factors move
 * within a round, and the sum of products is kept as well as rank r allows instead of being lost to
 * factor averaging. Ours; no paper.
 *
 * @param server with oversampling: the sum's rank exceeds r, so a sketch of r columns is poor
 */
public record LaAsk(LaLora clients, FedAsk server) implements Strategy {
  public LaAsk {
    if (server.oversampling().equals(OptionalInt.of(0))) {
      throw new IllegalArgumentException("strategy.oversampling must be > 0 for laask, got 0");
    }
  }

  @Override
  public String name() {
    return "laask";
  }

  @Override
  public Reads reads() {
    return Reads.MESSAGES;
  }

  @Override
  public LocalPlan localPlan(RoundContext round) {
    return clients.localPlan(round);
  }

  @Override
  public AdapterSet aggregate(RoundContext round, Cohort cohort) {
    return server.aggregate(round, cohort);
  }
}
