package org.lorica.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Turns a resolved tree into {@link RunConfig}; every message names key, file and line. */
final class RunConfigReader {
  private final Config tree;

  RunConfigReader(Config resolved) {
    this.tree = resolved;
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
    } catch (LocatedException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw located(e.getMessage());
    }
  }

  private RunConfig.General general() {
    return new RunConfig.General(
        text("lorica.name"),
        whole("lorica.seed"),
        text("lorica.out"),
        choice("lorica.device", RunConfig.General.Device.class));
  }

  private ModelConfig model() {
    if (unset("lorica.model.path")) {
      throw new IllegalArgumentException(
          "lorica.model.path must be set, for example --set model.path=FOLDER");
    }
    return new ModelConfig(
        text("lorica.model.path"),
        choice("lorica.model.family", ModelConfig.Family.class),
        choice("lorica.model.head", ModelConfig.Head.class),
        new ModelConfig.HeadStart(
            choice("lorica.model.head-init", ModelConfig.HeadStart.Init.class),
            optionalInteger("lorica.model.classes"),
            unset("lorica.model.task")
                ? Optional.empty()
                : Optional.of(choice("lorica.model.task", ModelConfig.HeadStart.Task.class))),
        integer("lorica.model.max-length"),
        optionalInteger("lorica.model.image-size"));
  }

  private HubConfig hub() {
    return new HubConfig(
        optionalText("lorica.hub.endpoint"),
        optionalText("lorica.hub.cache"),
        flag("lorica.hub.offline") ? HubConfig.Network.OFFLINE : HubConfig.Network.ONLINE);
  }

  private LoraConfig lora() {
    return new LoraConfig(
        integer("lorica.lora.rank"),
        number("lorica.lora.alpha"),
        choice("lorica.lora.scaling", LoraConfig.Scaling.class),
        texts("lorica.lora.target-modules"),
        new RankPatterns(
            numbered("lorica.lora.rank-pattern", this::integer),
            numbered("lorica.lora.alpha-pattern", this::number)),
        optionalText("lorica.adapter.init"));
  }

  private RunConfig.TrackingConfig tracking() {
    return new RunConfig.TrackingConfig(
        optionalText("lorica.tracking.mlflow.uri"), text("lorica.tracking.mlflow.experiment"));
  }

  private DataConfig data() {
    return new DataConfig(
        choice("lorica.data.source", DataConfig.Source.class),
        optionalText("lorica.data.train").orElse(""),
        optionalText("lorica.data.test"),
        number("lorica.data.test-fraction"),
        integer("lorica.data.max-test-examples"),
        texts("lorica.data.languages"),
        recordFormat(),
        new ImageFormat(
            choice("lorica.data.image-channels", ImageFormat.Channels.class),
            choice("lorica.data.label-column", ImageFormat.LabelColumn.class),
            integer("lorica.data.pixel-max")));
  }

  private RecordFormat recordFormat() {
    return new RecordFormat(
        new RecordFormat.Columns(
            optionalText("lorica.data.columns.text"),
            optionalText("lorica.data.columns.text2"),
            optionalText("lorica.data.columns.response"),
            optionalText("lorica.data.columns.label"),
            optionalText("lorica.data.columns.client")),
        texts("lorica.data.labels"),
        choice("lorica.data.target", RecordFormat.TargetKind.class),
        choice("lorica.data.bad-records", RecordFormat.BadRecords.class),
        new RecordFormat.Questions(
            integer("lorica.data.questions.stride"),
            integer("lorica.data.questions.max-answer"),
            number("lorica.data.questions.no-answer-threshold")));
  }

  private ClientsConfig clients() {
    return new ClientsConfig(
        integer("lorica.clients.count"),
        choice("lorica.clients.partitioner", ClientsConfig.Partitioner.class),
        choice("lorica.clients.records", ClientsConfig.Records.class),
        new ClientsConfig.Skew(
            number("lorica.clients.dirichlet-alpha"),
            number("lorica.clients.quantity-sigma"),
            integer("lorica.clients.classes-per-client")),
        new ClientsConfig.Sizes(
            optionalInteger("lorica.clients.examples"),
            integer("lorica.clients.min-examples"),
            integer("lorica.clients.max-examples")));
  }

  private FederationConfig federation() {
    return new FederationConfig(
        integer("lorica.federation.rounds"),
        integer("lorica.federation.clients-per-round"),
        choice("lorica.federation.participation", FederationConfig.Participation.class),
        integer("lorica.federation.local-steps"),
        choice("lorica.federation.weights", FederationConfig.Weights.class),
        minClients(),
        integer("lorica.federation.evaluate-every"),
        choice("lorica.federation.engine", FederationConfig.Engine.class),
        new FederationConfig.Packing(
            integer("lorica.federation.clients-per-partition"),
            integer("lorica.federation.lanes"),
            integer("lorica.federation.partitions"),
            integer("lorica.federation.tree-depth"),
            integer("lorica.federation.micro-batch"),
            choice("lorica.federation.overlap-evaluation", Overlap.class)));
  }

  /** A trusted server releases every round, whoever came. */
  private int minClients() {
    boolean none = text("lorica.privacy.mode").equals("none");
    boolean central = text("lorica.privacy.threat-model").equals("central");
    return optionalInteger("lorica.federation.min-clients").orElse(central && !none ? 0 : 1);
  }

  private StrategyConfig strategy() {
    return new StrategyConfig(
        text("lorica.strategy.name"),
        new StrategyConfig.Sketch(
            optionalInteger("lorica.strategy.oversampling"),
            optionalInteger("lorica.strategy.power-iterations"),
            choice("lorica.strategy.split", StrategyConfig.Split.class),
            choice("lorica.strategy.aggregation", StrategyConfig.Aggregation.class),
            choice("lorica.strategy.clip-space", StrategyConfig.ClipSpace.class)),
        new StrategyConfig.Alternation(
            integer("lorica.strategy.period"),
            choice("lorica.strategy.filter", StrategyConfig.Filter.class),
            flag("lorica.strategy.precondition"),
            number("lorica.strategy.damping")),
        new StrategyConfig.Selection(
            choice("lorica.strategy.granularity", StrategyConfig.Granularity.class),
            choice("lorica.strategy.selection", StrategyConfig.Policy.class),
            choice("lorica.strategy.score", StrategyConfig.Score.class),
            choice("lorica.strategy.curvature", StrategyConfig.Curvature.class),
            new StrategyConfig.Selection.Draw(
                number("lorica.strategy.warm-up"),
                number("lorica.strategy.temperature-decay"),
                number("lorica.strategy.temperature-floor"),
                number("lorica.strategy.explore"))));
  }

  private DiagnosticsConfig diagnostics() {
    return new DiagnosticsConfig(
        integer("lorica.diagnostics.every"),
        integer("lorica.diagnostics.hessian-examples"),
        integer("lorica.diagnostics.hessian-iterations"));
  }

  private OptimizerConfig optimizer() {
    String common = "lorica.optimizer.learning-rate";
    double rate = number(common);
    OptimizerConfig.rate(common, rate);
    return new OptimizerConfig(
        choice("lorica.optimizer.name", OptimizerConfig.Kind.class),
        optionalNumber(common + "-a").orElse(rate),
        optionalNumber(common + "-b").orElse(rate),
        optionalNumber(common + "-head").orElse(rate));
  }

  private PrivacyConfig privacy() {
    PrivacyConfig.Mode mode = choice("lorica.privacy.mode", PrivacyConfig.Mode.class);
    OptionalDouble epsilon = optionalNumber("lorica.privacy.epsilon");
    OptionalDouble noise = optionalNumber("lorica.privacy.noise-multiplier");
    boolean claims = mode == PrivacyConfig.Mode.DP;
    return new PrivacyConfig(
        mode,
        new PrivacyConfig.Guarantee(
            choice("lorica.privacy.unit", PrivacyConfig.Guarantee.Unit.class),
            choice("lorica.privacy.threat-model", PrivacyConfig.Guarantee.ThreatModel.class),
            claims ? epsilon : OptionalDouble.empty(),
            number("lorica.privacy.delta"),
            choice("lorica.privacy.accountant", PrivacyConfig.Guarantee.Accountant.class),
            optionalInteger("lorica.privacy.participation-cap")),
        new PrivacyConfig.Noise(
            claims ? noise : OptionalDouble.empty(),
            number("lorica.privacy.max-grad-norm"),
            choice("lorica.noise.mode", PrivacyConfig.Noise.NoiseMode.class)),
        new PrivacyConfig.Batches(
            choice("lorica.privacy.sampler", PrivacyConfig.Batches.Sampler.class),
            optionalNumber("lorica.privacy.sampling-probability"),
            integer("lorica.privacy.expected-batch-size")));
  }

  /** The spelling used in files: {@code JDK_LOCALE_NAMES} is {@code jdk-locale-names}. */
  static String spelled(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private <E extends Enum<E>> E choice(String key, Class<E> type) {
    String found = text(key);
    for (E value : type.getEnumConstants()) {
      if (spelled(value).equals(found)) {
        return value;
      }
    }
    String choices =
        Arrays.stream(type.getEnumConstants())
            .map(RunConfigReader::spelled)
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        key + " must be one of " + choices + ", got \"" + found + '"');
  }

  private int integer(String key) {
    long value = whole(key);
    if (value != (int) value) {
      throw wrong(key, "a whole number below 2^31");
    }
    return (int) value;
  }

  private long whole(String key) {
    try {
      return decimal(key).longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw wrong(key, "a whole number");
    }
  }

  private double number(String key) {
    try {
      return decimal(key).doubleValue();
    } catch (NumberFormatException e) {
      throw wrong(key, "a number");
    }
  }

  private boolean flag(String key) {
    String found = value(key).unwrapped().toString();
    if (!found.equals("true") && !found.equals("false")) {
      throw wrong(key, "true or false");
    }
    return found.equals("true");
  }

  private BigDecimal decimal(String key) {
    ConfigValue value = value(key);
    boolean scalar =
        value.valueType() == ConfigValueType.NUMBER || value.valueType() == ConfigValueType.STRING;
    if (!scalar) {
      throw new NumberFormatException(key);
    }
    return new BigDecimal(value.unwrapped().toString().trim());
  }

  private String text(String key) {
    ConfigValueType type = value(key).valueType();
    if (type != ConfigValueType.STRING && type != ConfigValueType.NUMBER) {
      throw wrong(key, "a text");
    }
    return tree.getString(key);
  }

  /** A section of free names; one with dots may be quoted or not. */
  private <N> Map<String, N> numbered(String section, Function<String, N> read) {
    Map<String, N> all = new TreeMap<>();
    for (Map.Entry<String, ConfigValue> entry : tree.getConfig(section).entrySet()) {
      String path = entry.getKey();
      all.put(String.join(".", ConfigUtil.splitPath(path)), read.apply(section + "." + path));
    }
    return all;
  }

  private List<String> texts(String key) {
    if (!(value(key) instanceof ConfigList list)
        || list.stream().anyMatch(item -> item.valueType() != ConfigValueType.STRING)) {
      throw wrong(key, "a list of texts");
    }
    return tree.getStringList(key);
  }

  private Optional<String> optionalText(String key) {
    return unset(key) ? Optional.empty() : Optional.of(text(key)).filter(t -> !t.isBlank());
  }

  private Optional<Integer> optionalInteger(String key) {
    return unset(key) ? Optional.empty() : Optional.of(integer(key));
  }

  private OptionalDouble optionalNumber(String key) {
    return unset(key) ? OptionalDouble.empty() : OptionalDouble.of(number(key));
  }

  private boolean unset(String key) {
    return tree.hasPathOrNull(key) && tree.getIsNull(key);
  }

  private ConfigValue value(String key) {
    if (!tree.hasPathOrNull(key)) {
      throw new IllegalArgumentException(key + " is missing");
    }
    if (tree.getIsNull(key)) {
      throw new IllegalArgumentException(key + " must be set, got null");
    }
    return tree.getValue(key);
  }

  private IllegalArgumentException wrong(String key, String expected) {
    return new IllegalArgumentException(
        key + " must be " + expected + ", got " + Origins.shown(value(key)));
  }

  /** The message's first word is the key: its origin goes in front. */
  private LocatedException located(String message) {
    String key = message.split(" ", 2)[0];
    if (key.startsWith("lorica.") && tree.hasPath(key)) {
      return new LocatedException(Origins.prefix(tree.getValue(key).origin()) + message);
    }
    return new LocatedException(message);
  }

  /** Marks a message that already says where. */
  static final class LocatedException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    LocatedException(String message) {
      super(message);
    }
  }
}
