package org.lorica.spark.ml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;
import org.lorica.config.ConfigLoader;
import org.lorica.config.LoadedConfig;
import org.lorica.config.ModelConfig;
import org.lorica.config.RunConfig;
import org.lorica.federation.Evaluator;
import org.lorica.federation.ExportedAdapter;
import org.lorica.federation.Federation;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.Scorer;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterSet;
import org.lorica.model.Model;
import org.lorica.random.RandomKey;
import org.lorica.spark.FrameClients;
import org.lorica.strategy.Strategies;

/**
 * Differentially private federated LoRA as a Spark ML estimator: the rows of a DataFrame, grouped
 * by a client column or dealt out to simulated clients, fine-tune a classifier of texts or images,
 * whichever the frozen model takes.
 *
 * <p>Rows stay on the cluster. The same rows in any order give the same model, bit for bit. Every
 * {@code fit} spends {@link FederatedLoraModel#privacy}; a {@code CrossValidator} fits several
 * times on overlapping rows and spends the sum.
 *
 * <p>What has no parameter of its own is set by {@link #settings}, {@code key=value} with the keys
 * of {@code reference.conf}.
 */
public final class FederatedLoraClassifier extends Estimator<FederatedLoraModel>
    implements TrainingParams, MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final Scoring scoring;
  private final Training training;

  /** An estimator with a fresh uid. */
  public FederatedLoraClassifier() {
    this("federatedLora_" + UUID.randomUUID().toString().replace("-", "").substring(20));
  }

  /** As Spark ML copies and loads it. */
  public FederatedLoraClassifier(String uid) {
    this.uid = uid;
    this.scoring = new Scoring(this);
    this.training = new Training(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public Scoring scoring() {
    return scoring;
  }

  @Override
  public Training training() {
    return training;
  }

  public FederatedLoraClassifier setModelPath(String value) {
    return with(modelPath(), value);
  }

  public FederatedLoraClassifier setFeaturesCol(String value) {
    return with(featuresCol(), value);
  }

  public FederatedLoraClassifier setLabelCol(String value) {
    return with(labelCol(), value);
  }

  public FederatedLoraClassifier setClientCol(String value) {
    return with(clientCol(), value);
  }

  public FederatedLoraClassifier setNumClients(int value) {
    return with(numClients(), value);
  }

  public FederatedLoraClassifier setClientsPerRound(int value) {
    return with(clientsPerRound(), value);
  }

  public FederatedLoraClassifier setRounds(int value) {
    return with(rounds(), value);
  }

  public FederatedLoraClassifier setRank(int value) {
    return with(rank(), value);
  }

  public FederatedLoraClassifier setStrategy(String value) {
    return with(strategy(), value);
  }

  public FederatedLoraClassifier setEpsilon(double value) {
    return with(epsilon(), value);
  }

  public FederatedLoraClassifier setDelta(double value) {
    return with(delta(), value);
  }

  public FederatedLoraClassifier setLearningRate(double value) {
    return with(learningRate(), value);
  }

  public FederatedLoraClassifier setSeed(long value) {
    return with(seed(), value);
  }

  public FederatedLoraClassifier setDevice(String value) {
    return with(device(), value);
  }

  /** {@code key=value} each. */
  public FederatedLoraClassifier setSettings(String... values) {
    return with(settings(), values);
  }

  private <T> FederatedLoraClassifier with(Param<T> param, T value) {
    set(param, value);
    return this;
  }

  private boolean natural() {
    return isSet(clientCol());
  }

  @Override
  public StructType transformSchema(StructType schema) {
    String label = getOrDefault(labelCol());
    if (!schema.getFieldIndex(label).isDefined()
        || !(schema.apply(label).dataType() instanceof NumericType)) {
      throw new IllegalArgumentException(
          "labelCol must name a column of numbers, got \""
              + label
              + "\" beside "
              + schema.simpleString());
    }
    if (natural() && !schema.getFieldIndex(getOrDefault(clientCol())).isDefined()) {
      throw new IllegalArgumentException(
          "clientCol must name a column of the DataFrame, got \""
              + getOrDefault(clientCol())
              + "\" beside "
              + String.join(", ", schema.fieldNames()));
    }
    return scoredSchema(schema);
  }

  @Override
  public FederatedLoraModel fit(Dataset<?> data) {
    transformSchema(data.schema());
    if (!isSet(modelPath())) {
      throw new IllegalArgumentException("modelPath must be set: the folder of a frozen model");
    }
    JavaSparkContext context =
        JavaSparkContext.fromSparkContext(data.sparkSession().sparkContext());
    LoadedConfig asked = config(natural() ? 0 : (int) getOrDefault(numClients()), 1);
    FrameClients.Rows rows = rows(data, asked);
    try (FrameClients clients =
        natural()
            ? FrameClients.natural(context, rows, asked.run())
            : FrameClients.dealt(context, rows, asked.run())) {
      int count = clients.population().clients();
      if (count == 0) {
        throw new IllegalArgumentException("the DataFrame must hold at least one client, got 0");
      }
      return train(
          clients,
          config(count, isSet(clientsPerRound()) ? (int) getOrDefault(clientsPerRound()) : count));
    }
  }

  private FrameClients.Rows rows(Dataset<?> data, LoadedConfig asked) {
    asked
        .run()
        .model()
        .imageSize()
        .ifPresent(
            size -> {
              throw new IllegalArgumentException(
                  "model.image-size must not be set for a table, where images are scaled to the"
                      + " model's own size, got "
                      + size);
            });
    FeaturesColumn features = FeaturesColumn.of(data.schema(), getOrDefault(featuresCol()));
    return new FrameClients.Rows(
        FrameRows.records(
            data, features, getOrDefault(labelCol()), natural() ? getOrDefault(clientCol()) : ""),
        features.encoding(
            getOrDefault(modelPath()),
            Scorer.imageOf(asked.run()),
            asked.run().model().maxLength()));
  }

  private void requireClasses(Model model) {
    if (model.task() != Model.Task.SEQUENCE_CLASSIFICATION) {
      throw new IllegalArgumentException(
          "modelPath must name a classifier, or settings must give it a head: model.head-init = zero,"
              + " model.classes; got "
              + getOrDefault(modelPath())
              + ", whose task is "
              + model.task().key());
    }
  }

  /** Classes of a head that is not the checkpoint's: who loads the model must have room for it. */
  private static int adapterClasses(RunConfig config, Model model) {
    return config.model().headStart().init() == ModelConfig.HeadStart.Init.CHECKPOINT
        ? 0
        : model.outputs();
  }

  private FederatedLoraModel train(FrameClients clients, LoadedConfig config) {
    Workbench workbench = Workbench.over(config.run(), clients.population());
    requireClasses(workbench.model());
    int classes = workbench.model().outputs();
    if (clients.greatestLabel() >= classes) {
      throw new IllegalArgumentException(
          "labelCol must hold 0 to "
              + (classes - 1)
              + ", the classes of "
              + getOrDefault(modelPath())
              + ", found "
              + clients.greatestLabel());
    }
    FederationPrivacy privacy = FederationPrivacy.of(config.run(), clients.population().clients());
    privacy.calibrate(clients.population());
    Federation federation =
        new Federation(config.run(), workbench, Strategies.of(config.run()), privacy, List.of());
    AdapterSet start = workbench.initialAdapter(RandomKey.root(config.run().general().seed()));
    AdapterSet adapter = federation.run(clients.pool(config), start, new Evaluator(workbench, 1));
    FederatedLoraModel model =
        new FederatedLoraModel(
            uid,
            ExportedAdapter.of(config.run(), workbench, adapter),
            adapterClasses(config.run(), workbench.model()),
            SpentPrivacy.of(privacy));
    copyValues(model, ParamMap.empty());
    model.set(model.device(), config.run().general().device().name().toLowerCase(Locale.ROOT));
    return model.setParent(this);
  }

  /** The configuration of a run over so many clients; checked as a scenario file is. */
  private LoadedConfig config(int clients, int perRound) {
    List<String> all = new ArrayList<>();
    all.add("name=" + uid);
    all.add("seed=" + getOrDefault(seed()));
    all.add("device=" + getOrDefault(device()));
    all.add("model.path=" + getOrDefault(modelPath()));
    all.add("model.max-length=" + getOrDefault(maxLength()));
    all.add("model.head=trained");
    all.add("lora.rank=" + getOrDefault(rank()));
    all.add("federation.rounds=" + getOrDefault(rounds()));
    all.add("federation.evaluate-every=0");
    all.add("strategy.name=" + getOrDefault(strategy()));
    all.add("optimizer.learning-rate=" + getOrDefault(learningRate()));
    double target = (double) getOrDefault(epsilon());
    all.add(Double.isInfinite(target) ? "privacy.mode=none" : "privacy.epsilon=" + target);
    all.add("privacy.delta=" + getOrDefault(delta()));
    all.addAll(Arrays.asList(getOrDefault(settings())));
    all.add("clients.count=" + clients);
    all.add("federation.clients-per-round=" + perRound);
    if (natural()) {
      all.add("clients.partitioner=natural");
    }
    return ConfigLoader.of(all);
  }

  @Override
  public FederatedLoraClassifier copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  @Override
  public MLWriter write() {
    return new StageWriter(this);
  }

  /** A reader of saved estimators. */
  public static MLReader<FederatedLoraClassifier> read() {
    return new MLReader<>() {
      @Override
      public FederatedLoraClassifier load(String path) {
        var metadata = Metadata.load(sparkSession(), path, FederatedLoraClassifier.class);
        var estimator = new FederatedLoraClassifier(metadata.path("uid").asText());
        Metadata.restore(estimator, metadata);
        return estimator;
      }
    };
  }

  /** The estimator saved at {@code path}. */
  public static FederatedLoraClassifier load(String path) {
    return read().load(path);
  }
}
