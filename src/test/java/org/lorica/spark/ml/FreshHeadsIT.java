package org.lorica.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.data.LocaleNames;
import org.lorica.data.SafeTensors;
import org.lorica.data.TextRecord;
import org.lorica.lora.PeftAdapter;
import org.lorica.lora.PeftConfig;

/** Heads that are not the checkpoint's, through fit, save and load. */
class FreshHeadsIT {
  private static final Path NAMES = Path.of("conf/names-base").toAbsolutePath();
  private static final int CLASSES = 20; // of the labels in the table

  @TempDir private static Path shared;
  @TempDir private Path dir;

  private static SparkSession session;
  private static Dataset<Row> rows;
  private static Path backbone;

  @BeforeAll
  static void start() throws IOException {
    session =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 4)
            .getOrCreate();
    List<Row> list = new ArrayList<>();
    for (TextRecord record : LocaleNames.privatePart(List.of("da", "fi", "tr"))) {
      list.add(RowFactory.create(record.text(), record.label(), list.size()));
    }
    StructType schema =
        new StructType()
            .add("text", DataTypes.StringType)
            .add("label", DataTypes.IntegerType)
            .add("row", DataTypes.IntegerType);
    rows = session.createDataFrame(list, schema).cache();
    backbone = backboneAlone(Files.createDirectories(shared.resolve("backbone")));
  }

  @AfterAll
  static void stop() {
    session.stop();
  }

  /** The names model as BertModel saves it: no prefix, no head, and no pooler either. */
  private static Path backboneAlone(Path folder) throws IOException {
    for (String name : List.of("config.json", "tokenizer.json")) {
      Files.copy(NAMES.resolve(name), folder.resolve(name));
    }
    SafeTensors stored = SafeTensors.open(NAMES.resolve("model.safetensors"));
    Map<String, SafeTensors.Entry> kept = new LinkedHashMap<>();
    for (String name : stored.names()) {
      if (name.startsWith("bert.") && !name.startsWith("bert.pooler.")) {
        kept.put(
            name.substring("bert.".length()),
            new SafeTensors.Entry(stored.shape(name), stored.floats(name)));
      }
    }
    SafeTensors.write(folder.resolve("model.safetensors"), kept);
    return folder;
  }

  private static FederatedLoraClassifier estimator(Path model, String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "federation.local-steps=4",
                "privacy.expected-batch-size=32",
                "optimizer.name=adamw"));
    all.addAll(List.of(settings));
    return new FederatedLoraClassifier("fresh")
        .setModelPath(model.toString())
        .setNumClients(6)
        .setRounds(3)
        .setRank(4)
        .setStrategy("fedavg")
        .setEpsilon(Double.POSITIVE_INFINITY)
        .setLearningRate(0.01)
        .setSettings(all.toArray(new String[0]));
  }

  private static List<Row> predictions(FederatedLoraModel model) {
    return model
        .transform(rows)
        .select("row", "rawPrediction", "probability", "prediction")
        .orderBy("row")
        .collectAsList();
  }

  @ParameterizedTest(name = "head {0}, starts {1}, backbone alone: {2}")
  @CsvSource({
    "trained, random, false",
    "frozen, random, false",
    "trained, zero, true",
    "frozen, random, true"
  })
  void aFreshHeadIsSavedWithItsModel(String head, String init, boolean alone) throws IOException {
    FederatedLoraClassifier estimator =
        estimator(
            alone ? backbone : NAMES,
            "model.head=" + head,
            "model.head-init=" + init,
            "model.task=sequence-classification",
            "model.classes=" + (CLASSES + 3));
    FederatedLoraModel trained = estimator.fit(rows);
    List<Row> expected = predictions(trained);
    assertThat(expected.get(0).<Vector>getAs("rawPrediction").size()).isEqualTo(CLASSES + 3);
    assertThat(expected.stream().map(r -> r.<Vector>getAs("rawPrediction")).distinct().count())
        .as("logits of a head that is all 0 would be equal")
        .isGreaterThan(1);

    trained.write().save(dir.resolve("saved").toString());
    FederatedLoraModel loaded = FederatedLoraModel.load(dir.resolve("saved").toString());
    assertThat(predictions(loaded)).isEqualTo(expected);
    assertThat(predictions(loaded.copy(ParamMap.empty()))).isEqualTo(expected);

    loaded.exportAdapter(dir.resolve("adapter"));
    List<String> saved = alone ? List.of("pooler", "classifier") : List.of("classifier");
    assertThat(PeftConfig.read(dir.resolve("adapter")).origin().modulesToSave()).isEqualTo(saved);
    assertThat(SafeTensors.open(dir.resolve("adapter").resolve(PeftAdapter.FILE)).names())
        .contains("base_model.model.classifier.weight");
  }

  @Test
  void aFreshHeadLearnsTheTablesOwnClasses() {
    FederatedLoraModel trained =
        estimator(NAMES, "model.head-init=zero", "model.classes=" + CLASSES)
            .setRounds(12)
            .fit(rows);
    double accuracy =
        new MulticlassClassificationEvaluator()
            .setMetricName("accuracy")
            .evaluate(trained.transform(rows));
    assertThat(accuracy).as("a third is guessing").isGreaterThan(0.5);
  }

  @Test
  void whatIsNoClassifierIsRefused() {
    assertThatThrownBy(
            () -> estimator(NAMES, "model.head-init=zero", "model.task=regression").fit(rows))
        .hasMessageContaining("modelPath must name a classifier")
        .hasMessageContaining("whose task is regression");
    assertThatThrownBy(() -> estimator(NAMES, "model.head-init=zero", "model.classes=2").fit(rows))
        .hasMessageContaining("labelCol must hold 0 to 1, the classes of ");
  }
}
