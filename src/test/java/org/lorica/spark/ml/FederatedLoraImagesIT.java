package org.lorica.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.testing.TinyVision;

/** Columns of images: files as binary, and the structs of Spark's image source. */
class FederatedLoraImagesIT {
  private static final int IMAGES = 60;

  @TempDir private static Path shared;
  @TempDir private Path dir;

  private static SparkSession session;
  private static String model;
  private static Dataset<Row> files;
  private static Dataset<Row> structs;

  /** Red, green and blue noise, classes 0 to 2, as PNG files c{class}-{number}.png. */
  @BeforeAll
  static void start() throws IOException {
    SplittableRandom random = new SplittableRandom(8);
    Path images = Files.createDirectories(shared.resolve("images"));
    for (int i = 0; i < IMAGES; i++) {
      BufferedImage image = new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB);
      for (int p = 0; p < 63; p++) {
        image.setRGB(p % 9, p / 9, (180 + random.nextInt(60)) << (16 - 8 * (i % 3)));
      }
      ImageIO.write(image, "png", images.resolve("c" + i % 3 + "-" + i + ".png").toFile());
    }
    Path folder = TinyVision.vit(shared.resolve("model"), 5);
    Files.writeString(
        folder.resolve("preprocessor_config.json"),
        """
        {"size": {"height": 6, "width": 6}, "image_mean": [0.5, 0.5, 0.5],
         "image_std": [0.25, 0.25, 0.25]}""");
    model = folder.toString();
    session =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 4)
            .getOrCreate();
    files =
        labelled(
                session.read().format("binaryFile").load(images.toString()).repartition(3),
                col("path"))
            .select("content", "label", "client", "file")
            .cache();
    structs =
        labelled(session.read().format("image").load(images.toString()), col("image.origin"))
            .cache();
  }

  private static Dataset<Row> labelled(Dataset<Row> rows, Column path) {
    return rows.withColumn("file", regexp_extract(path, "c.-\\d+", 0))
        .withColumn("label", regexp_extract(path, "c(.)-", 1).cast("int"))
        .withColumn("client", regexp_extract(path, "(.)[.]png", 1));
  }

  @AfterAll
  static void stop() {
    session.stop();
  }

  private static FederatedLoraClassifier estimator() {
    return new FederatedLoraClassifier("images")
        .setModelPath(model)
        .setFeaturesCol("content")
        .setClientCol("client")
        .setRounds(6)
        .setRank(2)
        .setStrategy("fedavg")
        .setLearningRate(0.02)
        .setEpsilon(Double.POSITIVE_INFINITY)
        .setSettings(
            "federation.local-steps=4",
            "clients.min-examples=1",
            "optimizer.name=adamw",
            "privacy.expected-batch-size=4");
  }

  private static double accuracy(Dataset<Row> scored) {
    return new MulticlassClassificationEvaluator().setMetricName("accuracy").evaluate(scored);
  }

  private static List<Row> predictions(Dataset<Row> scored) {
    return scored
        .select("file", "rawPrediction", "probability", "prediction")
        .orderBy("file")
        .collectAsList();
  }

  @Test
  void aFitOfFilesLearnsIsSavedAndReadsStructsAlike() throws IOException {
    FederatedLoraModel trained = estimator().fit(files);
    Dataset<Row> scored = trained.transform(files);
    assertThat(accuracy(scored)).as("a third is guessing").isGreaterThan(0.8);
    List<Row> expected = predictions(scored);
    trained.write().save(dir.resolve("saved").toString());
    FederatedLoraModel loaded = FederatedLoraModel.load(dir.resolve("saved").toString());
    assertThat(predictions(loaded.transform(files))).isEqualTo(expected);
    loaded.set(loaded.featuresCol(), "image");
    List<Row> ofStructs = predictions(loaded.transform(structs));
    for (int i = 0; i < IMAGES; i++) { // other batches: equal but for rounding
      assertThat(ofStructs.get(i).getString(0)).isEqualTo(expected.get(i).getString(0));
      assertThat(ofStructs.get(i).<Vector>getAs("rawPrediction").toArray())
          .containsExactly(expected.get(i).<Vector>getAs("rawPrediction").toArray(), within(1e-4));
    }
  }

  @Test
  void aFitOfStructsLearns() {
    FederatedLoraClassifier estimator = estimator().setFeaturesCol("image").setNumClients(4);
    estimator.clear(estimator.clientCol());
    assertThat(accuracy(estimator.fit(structs).transform(structs))).isGreaterThan(0.8);
  }

  @Test
  void theSameImagesInAnyOrderGiveTheSameBits() throws IOException {
    FederatedLoraClassifier estimator = estimator().setRounds(1).setEpsilon(8);
    assertThat(adapter(estimator.fit(files.orderBy(functions.rand(7)).repartition(5)), "b"))
        .isEqualTo(adapter(estimator.fit(files), "a"));
  }

  private byte[] adapter(FederatedLoraModel trained, String name) throws IOException {
    trained.exportAdapter(Files.createDirectories(dir.resolve(name)));
    return Files.readAllBytes(dir.resolve(name).resolve("adapter_model.safetensors"));
  }

  @Test
  void aColumnThatDoesNotFitTheModelIsRefused() {
    assertThatThrownBy(() -> estimator().setFeaturesCol("file").fit(files))
        .hasMessageStartingWith("featuresCol must name a column of images of 3 x 6 x 6: ")
        .hasMessageEndingWith("got \"file\" of text");
    assertThatThrownBy(
            () ->
                estimator()
                    .setModelPath(Path.of("conf/names-base").toAbsolutePath().toString())
                    .fit(files))
        .hasMessageStartingWith("featuresCol must name a column of text: string, as the model")
        .hasMessageEndingWith("got \"content\" of images");
    assertThatThrownBy(() -> estimator().setFeaturesCol("label").fit(files))
        .hasMessage(
            "featuresCol must name a column of text, or of images: binary (image files) or the"
                + " struct of Spark's image source, got \"label\" of type int");
    assertThatThrownBy(
            () -> estimator().fit(files.withColumn("content", lit("no image").cast("binary"))))
        .hasStackTraceContaining("featuresCol \"content\": expected a JPEG, PNG, GIF or BMP image");
    assertThatThrownBy(() -> estimator().fit(files.withColumn("content", lit(null).cast("binary"))))
        .hasStackTraceContaining("featuresCol \"content\" must hold no null, found one");
    assertThatThrownBy(
            () ->
                estimator()
                    .setFeaturesCol("image")
                    .fit(structs.withColumn("image", col("image").withField("mode", lit(5)))))
        .hasStackTraceContaining("found mode 5 of 3 channels");
    assertThatThrownBy(() -> estimator().setSettings("model.image-size=8").fit(files))
        .hasMessageContaining("model.image-size must not be set for a table");
  }
}
