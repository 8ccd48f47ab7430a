package org.lorica.config;

import com.typesafe.config.Config;
import java.util.Optional;
import java.util.OptionalDouble;

/** Turns a resolved tree into {@link RunConfig}; every message names key, file and line. */
final class RunConfigReader {
  private final Config tree;
  private final Section all;

  RunConfigReader(Config resolved) {
    this.tree = resolved;
    this.all = new Section(resolved, "lorica");
  }

  RunConfig runConfig() {
    try {
      return new RunConfig(
          general(),
          model(),
          lora(),
          data(),
          clients(),
          federation(),
          strategy(),
          optimizer(),
          privacy(),
          tracking(),
          diagnostics(),
          hub());
    } catch (IllegalArgumentException e) {
      throw located(e.getMessage());
    }
  }

  private RunConfig.General general() {
    return new RunConfig.General(
        all.text("name"),
        all.whole("seed"),
        all.text("out"),
        all.choice("device", RunConfig.General.Device.class));
  }

  private ModelConfig model() {
    Section model = all.section("model");
    if (model.unset("path")) {
      throw new IllegalArgumentException(
          "lorica.model.path must be set, for example --set model.path=FOLDER");
    }
    return new ModelConfig(
        model.text("path"),
        model.choice("family", ModelConfig.Family.class),
        model.choice("head", ModelConfig.Head.class),
        new ModelConfig.HeadStart(
            model.choice("head-init", ModelConfig.HeadStart.Init.class),
            model.optionalInteger("classes"),
            model.unset("task")
                ? Optional.empty()
                : Optional.of(model.choice("task", ModelConfig.HeadStart.Task.class))),
        model.integer("max-length"),
        model.optionalInteger("image-size"));
  }

  private HubConfig hub() {
    Section hub = all.section("hub");
    return new HubConfig(
        hub.optionalText("endpoint"),
        hub.optionalText("cache"),
        hub.flag("offline") ? HubConfig.Network.OFFLINE : HubConfig.Network.ONLINE);
  }

  private LoraConfig lora() {
    Section lora = all.section("lora");
    return new LoraConfig(
        lora.integer("rank"),
        lora.number("alpha"),
        lora.choice("scaling", LoraConfig.Scaling.class),
        lora.texts("target-modules"),
        new RankPatterns(
            lora.numbered("rank-pattern", lora::integer),
            lora.numbered("alpha-pattern", lora::number)),
        all.section("adapter").optionalText("init"));
  }

  private RunConfig.TrackingConfig tracking() {
    Section tracking = all.section("tracking");
    return new RunConfig.TrackingConfig(
        tracking.optionalText("mlflow.uri"), tracking.text("mlflow.experiment"));
  }

  private DataConfig data() {
    Section data = all.section("data");
    return new DataConfig(
        data.choice("source", DataConfig.Source.class),
        data.optionalText("train").orElse(""),
        data.optionalText("test"),
        data.number("test-fraction"),
        data.integer("max-test-examples"),
        data.texts("languages"),
        recordFormat(),
        new ImageFormat(
            data.choice("image-channels", ImageFormat.Channels.class),
            data.choice("label-column", ImageFormat.LabelColumn.class),
            data.integer("pixel-max")));
  }

  private RecordFormat recordFormat() {
    Section data = all.section("data");
    return new RecordFormat(
        new RecordFormat.Columns(
            data.optionalText("columns.text"),
            data.optionalText("columns.text2"),
            data.optionalText("columns.response"),
            data.optionalText("columns.label"),
            data.optionalText("columns.client")),
        data.texts("labels"),
        data.choice("target", RecordFormat.TargetKind.class),
        data.choice("bad-records", RecordFormat.BadRecords.class),
        new RecordFormat.Questions(
            data.integer("questions.stride"),
            data.integer("questions.max-answer"),
            data.number("questions.no-answer-threshold")));
  }

  private ClientsConfig clients() {
    Section clients = all.section("clients");
    return new ClientsConfig(
        clients.integer("count"),
        clients.choice("partitioner", ClientsConfig.Partitioner.class),
        clients.choice("records", ClientsConfig.Records.class),
        new ClientsConfig.Skew(
            clients.number("dirichlet-alpha"),
            clients.number("quantity-sigma"),
            clients.integer("classes-per-client")),
        new ClientsConfig.Sizes(
            clients.optionalInteger("examples"),
            clients.integer("min-examples"),
            clients.integer("max-examples")));
  }

  private FederationConfig federation() {
    Section federation = all.section("federation");
    return new FederationConfig(
        federation.integer("rounds"),
        federation.integer("clients-per-round"),
        federation.choice("participation", FederationConfig.Participation.class),
        federation.integer("local-steps"),
        federation.choice("weights", FederationConfig.Weights.class),
        minClients(),
        federation.integer("evaluate-every"),
        federation.choice("engine", FederationConfig.Engine.class),
        new FederationConfig.Packing(
            federation.integer("clients-per-partition"),
            federation.integer("lanes"),
            federation.integer("partitions"),
            federation.integer("tree-depth"),
            federation.integer("micro-batch"),
            federation.choice("overlap-evaluation", Overlap.class)));
  }

  /** A trusted server releases every round, whoever came. */
  private int minClients() {
    boolean none = all.section("privacy").text("mode").equals("none");
    boolean central = all.section("privacy").text("threat-model").equals("central");
    return all.section("federation")
        .optionalInteger("min-clients")
        .orElse(central && !none ? 0 : 1);
  }

  private StrategyConfig strategy() {
    Section strategy = all.section("strategy");
    return new StrategyConfig(
        strategy.text("name"),
        new StrategyConfig.Sketch(
            strategy.optionalInteger("oversampling"),
            strategy.optionalInteger("power-iterations"),
            strategy.choice("split", StrategyConfig.Split.class),
            strategy.choice("aggregation", StrategyConfig.Aggregation.class),
            strategy.choice("clip-space", StrategyConfig.ClipSpace.class)),
        new StrategyConfig.Alternation(
            strategy.integer("period"),
            strategy.choice("filter", StrategyConfig.Filter.class),
            strategy.flag("precondition"),
            strategy.number("damping")),
        new StrategyConfig.Selection(
            strategy.choice("granularity", StrategyConfig.Granularity.class),
            strategy.choice("selection", StrategyConfig.Policy.class),
            strategy.choice("score", StrategyConfig.Score.class),
            strategy.choice("curvature", StrategyConfig.Curvature.class),
            new StrategyConfig.Selection.Draw(
                strategy.number("warm-up"),
                strategy.number("temperature-decay"),
                strategy.number("temperature-floor"),
                strategy.number("explore"))));
  }

  private DiagnosticsConfig diagnostics() {
    Section diagnostics = all.section("diagnostics");
    return new DiagnosticsConfig(
        diagnostics.integer("every"),
        diagnostics.integer("hessian-examples"),
        diagnostics.integer("hessian-iterations"));
  }

  private OptimizerConfig optimizer() {
    Section optimizer = all.section("optimizer");
    double rate = optimizer.number("learning-rate");
    OptimizerConfig.rate("lorica.optimizer.learning-rate", rate);
    return new OptimizerConfig(
        optimizer.choice("name", OptimizerConfig.Kind.class),
        optimizer.optionalNumber("learning-rate-a").orElse(rate),
        optimizer.optionalNumber("learning-rate-b").orElse(rate),
        optimizer.optionalNumber("learning-rate-head").orElse(rate));
  }

  private PrivacyConfig privacy() {
    Section privacy = all.section("privacy");
    PrivacyConfig.Mode mode = privacy.choice("mode", PrivacyConfig.Mode.class);
    OptionalDouble epsilon = privacy.optionalNumber("epsilon");
    OptionalDouble noise = privacy.optionalNumber("noise-multiplier");
    boolean claims = mode == PrivacyConfig.Mode.DP;
    return new PrivacyConfig(
        mode,
        new PrivacyConfig.Guarantee(
            privacy.choice("unit", PrivacyConfig.Guarantee.Unit.class),
            privacy.choice("threat-model", PrivacyConfig.Guarantee.ThreatModel.class),
            claims ? epsilon : OptionalDouble.empty(),
            privacy.number("delta"),
            privacy.choice("accountant", PrivacyConfig.Guarantee.Accountant.class),
            privacy.optionalInteger("participation-cap")),
        new PrivacyConfig.Noise(
            claims ? noise : OptionalDouble.empty(),
            privacy.number("max-grad-norm"),
            all.section("noise").choice("mode", PrivacyConfig.Noise.NoiseMode.class)),
        new PrivacyConfig.Batches(
            privacy.choice("sampler", PrivacyConfig.Batches.Sampler.class),
            privacy.optionalNumber("sampling-probability"),
            privacy.integer("expected-batch-size")));
  }

  /** The message's first word is the key: its origin goes in front. */
  private IllegalArgumentException located(String message) {
    String key = message.split(" ", 2)[0];
    boolean known = key.startsWith("lorica.") && tree.hasPath(key);
    return new IllegalArgumentException(
        (known ? Origins.prefix(tree.getValue(key).origin()) : "") + message);
  }
}
