package org.lorica.strategy;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Function;
import org.lorica.config.OptimizerConfig;
import org.lorica.config.PrivacyConfig;
import org.lorica.config.RunConfig;
import org.lorica.config.StrategyConfig;
import org.lorica.federation.Strategy;
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
    boolean isPrivate = config.privacy().mode() != PrivacyConfig.Mode.NONE;
    boolean byProduct = config.strategy().sketch().clipSpace() == StrategyConfig.ClipSpace.PRODUCT;
    if (byProduct) {
      requireProductClip(config.privacy());
    }
    if (!isPrivate) {
      return fedAsk(config, FedAsk.Clients.BOTH, OptionalInt.empty(), 1);
    }
    return fedAsk(
        config, byProduct ? FedAsk.Clients.B_BY_PRODUCT : FedAsk.Clients.B, OptionalInt.of(0), 0);
  }

  private static void requireProductClip(PrivacyConfig privacy) {
    String key = "strategy.clip-space must be factor where ";
    if (privacy.mode() == PrivacyConfig.Mode.NONE) {
      throw new IllegalArgumentException(
          key + "privacy.mode = none, which clips nothing, got product");
    }
    if (privacy.guarantee().unit() == PrivacyConfig.Guarantee.Unit.CLIENT) {
      throw new IllegalArgumentException(
          key + "privacy.unit = client, which clips messages and no gradients, got product");
    }
    if (privacy.noise().mode() == PrivacyConfig.Noise.NoiseMode.SECURE) {
      throw new IllegalArgumentException(
          key + "noise.mode = secure: noise on a grid has no image on one, got product");
    }
  }

  /** The sketch as configured, else with the given oversampling and power iterations. */
  private static FedAsk fedAsk(
      RunConfig config, FedAsk.Clients clients, OptionalInt oversampling, int powerIterations) {
    StrategyConfig.Sketch s = config.strategy().sketch();
    return new FedAsk(
        clients,
        s.oversampling().map(OptionalInt::of).orElse(oversampling),
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
    return new LaAsk(laLora(config), fedAsk(config, FedAsk.Clients.BOTH, OptionalInt.empty(), 1));
  }

  private static AsLora asLora(RunConfig config) {
    StrategyConfig.Selection s = config.strategy().selection();
    StrategyConfig.Selection.Draw d = s.draw();
    OptimizerConfig optimizer = config.optimizer();
    ModeSelection selection =
        new ModeSelection(
            ModeSelection.Policy.valueOf(s.policy().name()),
            (int) Math.round(d.warmUp() * config.federation().rounds()),
            new ModeSelection.Draw(d.temperatureDecay(), d.temperatureFloor(), d.explore()));
    boolean bySteps = s.score() == StrategyConfig.Score.DISPLACEMENT;
    if (bySteps && optimizer.kind() == OptimizerConfig.Kind.ADAMW) {
      throw new IllegalArgumentException(
          "strategy.score must be gradient where optimizer.name = adamw, whose steps do not tell"
              + " the gradient's size, got displacement");
    }
    if (s.curvature() == StrategyConfig.Curvature.PRIVATE_UNSAFE && !selection.policy().scores()) {
      throw new IllegalArgumentException(
          "strategy.curvature must be structural or none where strategy.selection keeps no scores"
              + " (random-per-layer, phase-shifted), got private-unsafe");
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
