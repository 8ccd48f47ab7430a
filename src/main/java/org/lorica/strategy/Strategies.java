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
              Map.entry("flora", config -> new Flora()),
              Map.entry("fedex", config -> new FedEx()),
              Map.entry("fedsvd", config -> new FedSvd()),
              Map.entry("fedask", Strategies::fedAsk),
              Map.entry("lalora", Strategies::laLora),
              Map.entry("laask", Strategies::laAsk),
              Map.entry("aslora", Strategies::asLora)));

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

  private static AsLora asLora(RunConfig config) {
    StrategyConfig.Selection s = config.strategy().selection();
    StrategyConfig.Selection.Draw d = s.draw();
    RunConfig.OptimizerConfig optimizer = config.optimizer();
    ModeSelection selection =
        new ModeSelection(
            ModeSelection.Policy.valueOf(s.policy().name()),
            (int) Math.round(d.warmUp() * config.federation().rounds()),
            new ModeSelection.Draw(d.temperatureDecay(), d.temperatureFloor(), d.explore()));
    boolean bySteps = s.score() == StrategyConfig.Score.DISPLACEMENT;
    if (bySteps && optimizer.kind() == RunConfig.OptimizerConfig.Kind.ADAMW) {
      throw new IllegalArgumentException(
          "strategy.score must be gradient where optimizer.name = adamw, whose steps do not tell"
              + " the gradient's size, got displacement");
    }
    return new AsLora(
        Layers.Granularity.valueOf(s.granularity().name()),
        selection,
        new FactorScore(
            FactorScore.Source.valueOf(s.score().name()),
            FactorScore.Curvature.valueOf(s.curvature().name()),
            new FactorScore.Steps(
                config.federation().localSteps(),
                optimizer.learningRateA(),
                optimizer.learningRateB())));
  }
}
