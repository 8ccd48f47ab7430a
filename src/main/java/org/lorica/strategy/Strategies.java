package org.lorica.strategy;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.lorica.config.RunConfig;
import org.lorica.federation.Strategy;
import org.lorica.lora.Role;
import org.lorica.sketch.Rebuild;

/** The registry: one line a method. */
public final class Strategies {
  private static final Map<String, Function<RunConfig, Strategy>> BY_NAME =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("fedavg", config -> new FedAvg()),
              Map.entry("ffa", config -> new FfaLora()),
              Map.entry("rolora", config -> new RoLora()),
              Map.entry("flexlora", config -> new FlexLora()),
              Map.entry("fedsvd", config -> new FedSvd()),
              Map.entry("fedask", Strategies::fedAsk)));

  private Strategies() {}

  /** The method named by {@code strategy.name}. */
  public static Strategy of(RunConfig config) {
    String name = config.strategy().name();
    Function<RunConfig, Strategy> make = BY_NAME.get(name);
    if (make == null) {
      throw new IllegalArgumentException(
          "strategy.name must be one of " + BY_NAME.keySet() + ", got \"" + name + "\"");
    }
    return make.apply(config);
  }

  private static Strategy fedAsk(RunConfig config) {
    RunConfig.StrategyConfig s = config.strategy();
    boolean isPrivate = config.privacy().mode() != RunConfig.PrivacyConfig.Mode.NONE;
    Set<Role> trains = isPrivate ? Set.of(Role.B) : Set.of(Role.B, Role.A);
    int oversampling = s.oversampling().orElse(isPrivate ? 0 : config.lora().rank());
    int powerIterations = s.powerIterations().orElse(isPrivate ? 0 : 1);
    return new FedAsk(
        trains,
        oversampling,
        powerIterations,
        Rebuild.Split.valueOf(s.split().name()),
        FedAsk.Aggregation.valueOf(s.aggregation().name()));
  }
}
