package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The scenario of a DL4J network, on made-up digits: a bright row of pixels is the class. */
class Dl4jTrainingIT {
  @TempDir private Path dir;

  @Test
  void aDl4jNetworkLearnsWithPrivacy() throws IOException {
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
    Path model = Files.createDirectories(dir.resolve("model"));
    ModelSerializer.writeModel(network, model.resolve("model.zip").toFile(), false);
    Files.writeString(
        model.resolve("preprocessor_config.json"),
        "{\"do_resize\": false, \"do_normalize\": false}");
    Path out = dir.resolve("runs");
    assertThat(
            Main.execute(
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
                "federation.clients-per-round=4"))
        .isZero();
    List<String> rounds = Files.readAllLines(GoldenStepIT.run(out).resolve("rounds.jsonl"));
    JsonNode last = new ObjectMapper().readTree(rounds.get(3));
    assertThat(last.at("/quality/metricValue").asDouble())
        .as("accuracy; guessing gives 0.125")
        .isGreaterThan(0.5);
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
