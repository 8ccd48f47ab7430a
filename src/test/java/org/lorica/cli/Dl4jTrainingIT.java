package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.testing.KerasFile;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The scenario of a DL4J network, on made-up digits: a bright row of pixels is the class. */
class Dl4jTrainingIT {
  @TempDir private Path dir;

  private static MultiLayerNetwork network() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .list()
                .layer(
                    new DenseLayer.Builder().nIn(64).nOut(32).activation(Activation.TANH).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(32)
                        .nOut(10)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    return network;
  }

  /** The same layers as Keras saves them. */
  private static Path keras(Path file) {
    SplittableRandom random = new SplittableRandom(3);
    String common =
        "\"use_bias\": true, \"kernel_regularizer\": null, \"bias_regularizer\": null,"
            + " \"activity_regularizer\": null, \"kernel_constraint\": null,"
            + " \"bias_constraint\": null,"
            + " \"kernel_initializer\": {\"class_name\": \"GlorotUniform\", \"config\": {}},"
            + " \"bias_initializer\": {\"class_name\": \"Zeros\", \"config\": {}}";
    return new KerasFile()
        .layer(
            "Dense",
            "\"batch_input_shape\": [null, 64], \"units\": 32, \"activation\": \"tanh\", " + common,
            drawn(random, "kernel", 64, 32),
            new KerasFile.Tensor("bias", List.of(32), Collections.nCopies(32, 0f)))
        .layer(
            "Dense",
            "\"units\": 10, \"activation\": \"softmax\", " + common,
            drawn(random, "kernel", 32, 10),
            new KerasFile.Tensor("bias", List.of(10), Collections.nCopies(10, 0f)))
        .write(file);
  }

  private static KerasFile.Tensor drawn(SplittableRandom random, String name, int in, int out) {
    List<Float> values = new ArrayList<>();
    for (int i = 0; i < in * out; i++) {
      values.add((float) (random.nextGaussian() * Math.sqrt(2.0 / (in + out))));
    }
    return new KerasFile.Tensor(name, List.of(in, out), values);
  }

  private static void imageSettings(Path folder) throws IOException {
    Files.writeString(
        folder.resolve("preprocessor_config.json"),
        "{\"do_resize\": false, \"do_normalize\": false}");
  }

  private int train(Path model, Path out, String... settings) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "conf/digits-dl4j.conf",
                "--set",
                "model.path=" + model,
                "--set",
                "data.train=" + digits(),
                "--set",
                "out=" + out,
                "--set",
                "federation.engine=local",
                "--set",
                "federation.rounds=4",
                "--set",
                "clients.count=4",
                "--set",
                "federation.clients-per-round=4"));
    for (String setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    return Main.execute(arguments.toArray(String[]::new));
  }

  /** A folder, or a single file with its image settings beside it. */
  @ParameterizedTest
  @ValueSource(strings = {"folder", "digits.zip", "digits.h5"})
  void aDl4jNetworkLearnsWithPrivacy(String kind) throws IOException {
    Path model = dir.resolve(kind);
    Path out = dir.resolve("runs");
    if (kind.equals("folder")) {
      Files.createDirectories(model);
      ModelSerializer.writeModel(network(), model.resolve("model.zip").toFile(), false);
      imageSettings(model);
    } else {
      if (kind.endsWith("h5")) {
        keras(model);
      } else {
        ModelSerializer.writeModel(network(), model.toFile(), false);
      }
      assertThat(train(model, out)).as("without image settings").isEqualTo(1);
      assertThat(out).doesNotExist();
      imageSettings(dir);
    }
    assertThat(train(model, out)).isZero();
    List<String> rounds = Files.readAllLines(GoldenStepIT.run(out).resolve("rounds.jsonl"));
    JsonNode last = new ObjectMapper().readTree(rounds.get(3));
    assertThat(last.at("/quality/metricValue").asDouble())
        .as("accuracy; guessing gives 0.125")
        .isGreaterThan(0.5);
  }

  /** The network keeps its own output layer, which the adapter's file then replaces. */
  @Test
  void anAdapterWithATrainedHeadIsEvaluated() throws IOException {
    Path model = Files.createDirectories(dir.resolve("folder"));
    ModelSerializer.writeModel(network(), model.resolve("model.zip").toFile(), false);
    imageSettings(model);
    assertThat(train(model, dir.resolve("runs"), "model.head=trained")).isZero();
    Path adapter = GoldenStepIT.run(dir.resolve("runs")).resolve("adapter");
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    ImageIO.write(image, "png", dir.resolve("dark.png").toFile());
    Path labels = Files.writeString(dir.resolve("labels.csv"), "image,label\ndark.png,3\n");
    assertThat(
            Main.execute(
                "evaluate",
                "--model",
                model.toString(),
                "--adapter",
                adapter.toString(),
                "--data",
                labels.toString()))
        .isZero();
  }

  private Path digits() throws IOException {
    SplittableRandom random = new SplittableRandom(6);
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < 800; i++) {
      int bright = random.nextInt(8);
      for (int pixel = 0; pixel < 64; pixel++) {
        csv.append(pixel / 8 == bright ? 12 + random.nextInt(5) : random.nextInt(5)).append(',');
      }
      csv.append(bright).append('\n');
    }
    return Files.writeString(dir.resolve("digits.csv"), csv);
  }
}
