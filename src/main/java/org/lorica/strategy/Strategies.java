package org.lorica.strategy;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.lorica.config.RunConfig;
import org.lorica.config.StrategyConfig;
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
              Map.entry("fedask", Strategies::fedAsk),
              Map.entry("lalora", Strategies::laLora),
              Map.entry("laask", Strategies::laAsk)));

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
    boolean isPrivate = config.privacy().mode() != RunConfig.PrivacyConfig.Mode.NONE;
    return isPrivate
        ? fedAsk(config, Set.of(Role.B), 0, 0)
        : fedAsk(config, Set.of(Role.B, Role.A), config.lora().rank(), 1);
  }

  /** The sketch as configured, else with the given oversampling and power iterations. */
  private static FedAsk fedAsk(
      RunConfig config, Set<Role> trains, int oversampling, int powerIterations) {
    StrategyConfig.Sketch s = config.strategy().sketch();
    return new FedAsk(
        trains,
        s.oversampling().orElse(oversampling),
        s.powerIterations().orElse(powerIterations),
        Rebuild.Split.valueOf(s.split().name()),
        FedAsk.Aggregation.valueOf(s.aggregation().name()));
  }

  private static LaLora laLora(RunConfig config) {
    StrategyConfig.Alternation a = config.strategy().alternation();
    return new LaLora(
        a.period(),
        config.federation().localSteps(),
        LaLora.Filter.valueOf(a.filter().name()),
        a.precondition() ? OptionalDouble.of(a.damping()) : OptionalDouble.empty());
  }

  private static LaAsk laAsk(RunConfig config) {
    return new LaAsk(
        laLora(config), fedAsk(config, Set.of(Role.B, Role.A), config.lora().rank(), 1));
  }
}
