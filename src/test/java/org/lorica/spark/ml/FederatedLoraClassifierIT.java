package org.lorica.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.data.LocaleNames;
import org.lorica.data.TextRecord;
import org.lorica.tensor.Device;
import org.lorica.tensor.DeviceException;
import org.lorica.tensor.FastestKernels;

/** The estimator as Spark ML's own tools use it. Languages of names: Danish, Finnish, Turkish. */
class FederatedLoraClassifierIT {
  private static final String MODEL = Path.of("conf/names-base").toAbsolutePath().toString();
  private static final StructType SCHEMA =
      new StructType()
          .add("text", DataTypes.StringType)
          .add("label", DataTypes.DoubleType)
          .add("client", DataTypes.StringType);

  private static SparkSession session;
  private static Dataset<Row> rows;

  @TempDir private Path dir;

  @BeforeAll
  static void start() {
    session =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 4)
            .getOrCreate();
    List<Row> list = new ArrayList<>();
    int i = 0;
    for (TextRecord record : LocaleNames.privatePart(List.of("da", "fi", "tr"))) {
      list.add(RowFactory.create(record.text(), (double) record.label(), "c" + i++ % 12));
    }
    rows = session.createDataFrame(list, SCHEMA).repartition(3).cache();
  }

  @AfterAll
  static void stop() {
    session.stop();
  }

  private static FederatedLoraClassifier estimator(String... more) {
    List<String> settings =
        new ArrayList<>(List.of("federation.local-steps=3", "privacy.expected-batch-size=32"));
    settings.addAll(List.of(more));
    return new FederatedLoraClassifier("test")
        .setModelPath(MODEL)
        .setClientCol("client")
        .setRounds(4)
        .setRank(4)
        .setSettings(settings.toArray(new String[0]));
  }

  private static byte[] adapter(FederatedLoraModel model, Path folder) throws IOException {
    model.exportAdapter(Files.createDirectories(folder));
    return Files.readAllBytes(folder.resolve("adapter_model.safetensors"));
  }

  private static double accuracy(Dataset<Row> scored) {
    return new MulticlassClassificationEvaluator().setMetricName("accuracy").evaluate(scored);
  }

  @Test
  void aFitLearnsAndSaysWhatItSpent() {
    FederatedLoraModel model = estimator().setRounds(12).fit(rows);
    Dataset<Row> scored = model.transform(rows);
    assertThat(accuracy(scored)).as("a third is guessing").isGreaterThan(0.55);
    assertThat(model.privacy().epsilon().orElseThrow()).isCloseTo(8, within(0.2));
    assertThat(model.privacy().unit()).isEqualTo("record");
    assertThat(model.privacy().formalGuarantee()).contains("the seed is known");
    assertThat(scored.columns())
        .containsExactly("text", "label", "client", "rawPrediction", "probability", "prediction");
    for (Row row : scored.limit(20).collectAsList()) {
      double[] probability = row.<Vector>getAs("probability").toArray();
      double[] raw = row.<Vector>getAs("rawPrediction").toArray();
      double total = 0;
      for (int k = 0; k < raw.length; k++) {
        total += probability[k];
        assertThat(Math.log(probability[k] / probability[0]))
            .isCloseTo(raw[k] - raw[0], within(1e-6));
        assertThat(raw[k])
            .isLessThanOrEqualTo(raw[(int) row.<Double>getAs("prediction").doubleValue()]);
      }
      assertThat(total).isCloseTo(1, within(1e-9));
    }
  }

  @Test
  void noPrivacyIsSaidToBeNone() {
    FederatedLoraModel model =
        estimator().setRounds(1).setEpsilon(Double.POSITIVE_INFINITY).fit(rows);
    assertThat(model.privacy().epsilon()).isEmpty();
    assertThat(model.privacy().unit()).isEqualTo("none");
  }

  /** Named clients and dealt ones: neither the order of rows nor their partitions count. */
  @ParameterizedTest(name = "natural = {0}")
  @ValueSource(booleans = {true, false})
  void theSameRowsInAnyOrderGiveTheSameBits(boolean natural) throws IOException {
    FederatedLoraClassifier estimator = estimator("clients.partitioner=dirichlet-client");
    if (!natural) {
      estimator = estimator.setNumClients(6);
      estimator.clear(estimator.clientCol());
    }
    byte[] expected = adapter(estimator.fit(rows), dir.resolve("a"));
    Dataset<Row> shuffled = rows.orderBy(functions.rand(7)).repartition(5);
    assertThat(adapter(estimator.fit(shuffled), dir.resolve("b"))).isEqualTo(expected);
    assertThat(adapter(estimator.setSeed(1).fit(rows), dir.resolve("c"))).isNotEqualTo(expected);
  }

  @Test
  void aSavedModelAndPipelinePredictTheSame() throws IOException {
    Pipeline pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  new SQLTransformer().setStatement("SELECT *, lower(text) AS lower FROM __THIS__"),
                  estimator().setFeaturesCol("lower")
                });
    PipelineModel model = pipeline.fit(rows);
    List<Row> expected = model.transform(rows).orderBy("text", "label").collectAsList();
    model.write().overwrite().save(dir.resolve("pipeline").toString());
    PipelineModel loaded = PipelineModel.load(dir.resolve("pipeline").toString());
    assertThat(loaded.transform(rows).orderBy("text", "label").collectAsList()).isEqualTo(expected);
    FederatedLoraModel stage = (FederatedLoraModel) loaded.stages()[1];
    assertThat(stage.privacy()).isEqualTo(((FederatedLoraModel) model.stages()[1]).privacy());

    pipeline.write().save(dir.resolve("untrained").toString());
    FederatedLoraClassifier again =
        (FederatedLoraClassifier) Pipeline.load(dir.resolve("untrained").toString()).getStages()[1];
    FederatedLoraClassifier before = (FederatedLoraClassifier) pipeline.getStages()[1];
    for (Param<?> param : before.params()) {
      if (before.isDefined(param)) {
        Object loadedValue = again.getOrDefault(again.getParam(param.name()));
        assertThat(loadedValue).as(param.name()).isEqualTo(before.getOrDefault(param));
      }
    }
    assertThatThrownBy(() -> FederatedLoraModel.load(dir.resolve("untrained").toString()))
        .hasMessageContaining("expected a saved org.lorica.spark.ml.FederatedLoraModel");
  }

  private static boolean cardless() {
    try {
      FastestKernels.on(Device.CUDA);
      return false;
    } catch (DeviceException e) {
      return true;
    }
  }

  /** By its setting or its parameter; a machine without a card shows which device is asked for. */
  @Test
  void rowsAreScoredOnTheDeviceThatTheModelWasTrainedFor() throws IOException {
    assumeTrue(cardless(), "this machine has a card");
    FederatedLoraModel trained = estimator("device=cpu").setRounds(1).fit(rows);
    trained.write().save(dir.resolve("cpu").toString());
    FederatedLoraModel loaded = FederatedLoraModel.load(dir.resolve("cpu").toString());
    assertThat(loaded.getOrDefault(loaded.device())).isEqualTo("cpu");
    long scored = loaded.transform(rows).filter("prediction >= 0").count();
    assertThat(scored).isEqualTo(rows.count());

    loaded.set(loaded.device(), "cuda");
    assertThatThrownBy(() -> loaded.transform(rows).collectAsList())
        .hasStackTraceContaining("CUDA");
    assertThatThrownBy(() -> estimator().setDevice("cuda").fit(rows))
        .isInstanceOf(DeviceException.class);
    assertThatThrownBy(() -> estimator().setDevice("gpu")).hasMessageContaining("device");
    assertThat(estimator().setRounds(1).fit(rows).transform(rows).count()).isEqualTo(rows.count());
  }

  @Test
  void crossValidatorChoosesAmongSettings() {
    FederatedLoraClassifier estimator = estimator().setRounds(3);
    ParamMap[] grid =
        new ParamGridBuilder().addGrid(estimator.learningRate(), new double[] {1e-9, 0.5}).build();
    CrossValidatorModel best =
        new CrossValidator()
            .setEstimator(estimator)
            .setEvaluator(new MulticlassClassificationEvaluator().setMetricName("accuracy"))
            .setEstimatorParamMaps(grid)
            .setNumFolds(2)
            .setSeed(3)
            .fit(rows);
    assertThat(best.avgMetrics()[1])
        .as("learning beats standing still")
        .isGreaterThan(best.avgMetrics()[0]);
    assertThat(best.bestModel()).isInstanceOf(FederatedLoraModel.class);
  }

  @Test
  void whatCannotBeTrainedIsRefusedWithItsColumn() {
    assertThatThrownBy(() -> estimator().setFeaturesCol("txt").fit(rows))
        .hasMessageContaining("featuresCol must name a column")
        .hasMessageContaining("txt");
    assertThatThrownBy(() -> estimator().setLabelCol("text").fit(rows))
        .hasMessageContaining("labelCol must name a column of numbers");
    assertThatThrownBy(() -> estimator().setClientCol("who").fit(rows))
        .hasMessageContaining("clientCol must name a column");
    assertThatThrownBy(() -> estimator().fit(rows.withColumn("label", functions.lit(99))))
        .hasMessageContaining("labelCol must hold 0 to ");
    assertThatThrownBy(() -> estimator().fit(rows.withColumn("label", functions.lit(0.5))))
        .hasStackTraceContaining("must hold whole numbers >= 0, found 0.5");
    assertThatThrownBy(() -> estimator("privacy.epsilom=3").fit(rows))
        .hasMessageContaining("did you mean lorica.privacy.epsilon");
    assertThatThrownBy(() -> estimator().setEpsilon(-1)).hasMessageContaining("epsilon");
    assertThatThrownBy(() -> new FederatedLoraClassifier().fit(rows))
        .hasMessageContaining("modelPath must be set");
    assertThatThrownBy(
            () -> estimator().fit(rows).transform(rows.withColumn("prediction", functions.lit(1))))
        .hasMessageContaining("predictionCol must name a new column");
  }
}
