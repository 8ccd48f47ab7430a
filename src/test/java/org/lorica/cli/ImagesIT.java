package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.data.SafeTensors;
import org.lorica.testing.TinyBackbones;

/** Images from scenario to prediction: training, export, inference, bad input. */
class ImagesIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int IMAGES = 40;

  @TempDir private Path dir;

  @BeforeEach
  void imagesOfFourColours() throws IOException {
    Random random = new Random(1);
    StringBuilder list = new StringBuilder("image,label\n");
    for (int i = 0; i < IMAGES; i++) {
      int label = i % 4;
      BufferedImage image = new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB);
      for (int p = 0; p < 63; p++) {
        int shade = random.nextInt(60);
        int colour = label == 3 ? 0x101010 * (shade / 16) : (180 + shade) << (8 * label);
        image.setRGB(p % 9, p / 9, colour);
      }
      Path file = dir.resolve("images/" + i + ".png");
      Files.createDirectories(file.getParent());
      ImageIO.write(image, "png", file.toFile());
      list.append(i).append(".png,").append("colour").append(label).append('\n');
    }
    Files.writeString(dir.resolve("images/labels.csv"), list);
  }

  private Path model(String architecture) throws IOException {
    Path folder = dir.resolve("model");
    TinyBackbones.write(architecture, folder, 5);
    int side = architecture.equals("swin") ? 10 : 6;
    Files.writeString(
        folder.resolve("preprocessor_config.json"),
        "{\"size\": {\"height\": %d, \"width\": %d}, \"image_mean\": [0.5, 0.5, 0.5],"
                .formatted(side, side)
            + " \"image_std\": [0.25, 0.25, 0.25]}");
    return folder;
  }

  private List<String> train(Path model, String... overrides) throws IOException {
    Path scenario = dir.resolve("images.conf");
    Files.writeString(
        scenario,
        """
        lorica {
          name = images
          out = "%s"
          model { path = "%s", head-init = zero, classes = 4 }
          lora { rank = 2, target-modules = ["query", "value", "output.dense"] }
          data {
            source = image-folder, train = "%s", test-fraction = 0.2
            labels = [colour0, colour1, colour2, colour3]
          }
          clients { count = 3 }
          federation { rounds = 6, clients-per-round = 3, local-steps = 4, engine = local }
          strategy.name = fedavg
          optimizer { name = adamw, learning-rate = 0.02 }
          privacy { mode = none, expected-batch-size = 8 }
        }
        """
            .formatted(dir.resolve("runs"), model, dir.resolve("images")));
    List<String> args = new ArrayList<>(List.of("train", scenario.toString()));
    for (String override : overrides) {
      args.addAll(List.of("--set", override));
    }
    return args;
  }

  @ParameterizedTest(name = "{0}, head {1} from {2}")
  @CsvSource({
    "vit, trained, zero",
    "deit, trained, zero",
    "swin, trained, zero",
    "vit, frozen, random"
  })
  void aHeadOfOtherClassesIsTrainedExportedAndUsed(String architecture, String head, String start)
      throws IOException {
    Path model = model(architecture);
    Files.writeString(dir.resolve("images/0.png"), "broken");
    List<String> args =
        train(model, "model.head=" + head, "model.head-init=" + start, "data.bad-records=skip");
    assertThat(Main.execute(args.toArray(new String[0]))).isZero();
    Path run = GoldenStepIT.run(dir.resolve("runs"));
    assertThat(Files.readString(run.resolve("summary.txt")))
        .contains("Left out of the training images: 1 of 40 records", "line 2", "0.png");
    Path adapter = run.resolve("adapter");
    String name = architecture.equals("deit") ? "cls_classifier" : "classifier";
    SafeTensors tensors = SafeTensors.open(adapter.resolve("adapter_model.safetensors"));
    assertThat(tensors.shape("base_model.model." + name + ".weight").get(0)).isEqualTo(4);
    Path config = adapter.resolve("adapter_config.json");
    assertThat(JSON.readTree(config.toFile()).get("modules_to_save").get(0).asText())
        .isEqualTo(name);

    Path list = dir.resolve("images/labels.csv");
    Files.writeString(list, Files.readString(list).replace("label\n0.png,colour0\n", "label\n"));
    Path out = dir.resolve("out.jsonl");
    String[] inference = {
      "predict",
      "--model",
      model.toString(),
      "--adapter",
      adapter.toString(),
      "--data",
      list.toString(),
      "--labels",
      "colour0,colour1,colour2,colour3",
      "--out",
      out.toString()
    };
    assertThat(Main.execute(inference)).isZero();
    List<String> lines = Files.readAllLines(out);
    int correct = 0;
    List<String> rows = Files.readAllLines(list);
    for (int i = 0; i < lines.size(); i++) {
      JsonNode logits = JSON.readTree(lines.get(i)).get("logits");
      assertThat(logits).hasSize(4);
      int best = 0;
      for (int k = 1; k < 4; k++) {
        best = logits.get(k).asDouble() > logits.get(best).asDouble() ? k : best;
      }
      correct += rows.get(i + 1).endsWith("colour" + best) ? 1 : 0;
    }
    if (head.equals("trained")) {
      assertThat(correct)
          .as("of %d images that were mostly trained on", lines.size())
          .isGreaterThan(lines.size() * 7 / 10);
    }
  }

  @Test
  void inferenceSeesImagesOfTheSizeThatTheRunTrainedOn() throws IOException {
    Path model = model("vit");
    List<String> args =
        train(model, "model.image-size=12", "federation.rounds=1", "model.head-init=random");
    assertThat(Main.execute(args.toArray(new String[0]))).isZero();
    Path adapter = GoldenStepIT.run(dir.resolve("runs")).resolve("adapter");
    List<String> asTheRun = predicted(model, adapter);
    assertThat(asTheRun).isEqualTo(predicted(model, adapter, "--image-size", "12"));
    assertThat(asTheRun).isNotEqualTo(predicted(model, adapter, "--image-size", "6"));
  }

  private List<String> predicted(Path model, Path adapter, String... more) throws IOException {
    Path out = dir.resolve("out.jsonl");
    List<String> args = new ArrayList<>(List.of("predict", "--model", model.toString()));
    args.addAll(List.of("--adapter", adapter.toString(), "--out", out.toString()));
    args.addAll(List.of("--data", dir.resolve("images").toString()));
    args.addAll(List.of("--labels", "colour0,colour1,colour2,colour3"));
    args.addAll(List.of(more));
    assertThat(Main.execute(args.toArray(new String[0]))).isZero();
    return Files.readAllLines(out);
  }

  @Test
  void badInputIsOneLineAndLeavesNothing() throws IOException {
    Path model = model("vit");
    assertThat(fails(train(model, "data.labels=[colour0, colour1]")))
        .contains("labels.csv", "line 4", "colour2", "data.labels");
    assertThat(fails(train(model, "model.classes=3"))).contains("data.train", "0 to 2", "found 3");
    assertThat(fails(train(model, "model.head-init=checkpoint"))).contains("model.head-init");
    assertThat(fails(train(model, "model.image-size=7"))).contains("patch_size = 2, got 7");
    assertThat(fails(train(model, "data.source=jdk-locale-names")))
        .contains("data.source", "images");
    assertThat(fails(train(model, "model.path=" + Path.of("conf/names-base").toAbsolutePath())))
        .contains("data.source", "texts", "image-folder");
    assertThat(fails(train(model, "data.pixel-max=0"))).contains("pixel-max");
    byte[] png = Files.readAllBytes(dir.resolve("images/5.png"));
    Files.write(dir.resolve("images/5.png"), Arrays.copyOf(png, png.length / 2));
    // another seed: what was read before is remembered in this JVM
    assertThat(fails(train(model, "seed=2"))).contains("5.png", "line 7");
    Files.delete(model.resolve("preprocessor_config.json"));
    assertThat(fails(train(model, "seed=3"))).contains("preprocessor_config.json");
  }

  private String fails(List<String> args) {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      assertThat(Main.execute(args.toArray(new String[0]))).isEqualTo(1);
    } finally {
      System.setErr(before);
    }
    assertThat(dir.resolve("runs")).doesNotExist();
    String text = captured.toString(StandardCharsets.UTF_8).strip();
    assertThat(text.split("\\R")).hasSize(1);
    return text;
  }
}
