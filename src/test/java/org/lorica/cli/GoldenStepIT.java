package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.data.SafeTensors;

/**
 * One client, one round, one step, q = 1, σ = 0: the exported adapter is that of an independent
 * PyTorch implementation.
 */
class GoldenStepIT {
  @TempDir private Path out;

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource({
    "bert, fedavg, adapter-step1, spark",
    "bert, ffa, adapter-stepB, spark",
    "roberta, fedavg, adapter-step1, local",
    "roberta, ffa, adapter-stepB, local",
    "vit, fedavg, adapter-step1, spark",
    "vit, ffa, adapter-stepB, local",
    "llama, fedavg, adapter-step1, local",
    "llama, ffa, adapter-stepB, local"
  })
  void oneClippedStepIsThatOfPyTorch(String model, String strategy, String expected, String engine)
      throws IOException {
    Path golden = Path.of("../shared/golden", model);
    assumeThat(golden).as("golden results beside the project").isDirectory();
    JsonNode norms = new ObjectMapper().readTree(golden.resolve("norms.json").toFile());
    boolean tsv = model.contains("bert");
    boolean images = model.equals("vit");
    String data = golden.resolve(images ? "data" : tsv ? "data.tsv" : "data.jsonl").toString();
    Path scenario = out.resolve("golden.conf");
    Files.writeString(
        scenario,
        """
        lorica {
          name = golden
          out = "%s"
          model { path = "%s", head = frozen, max-length = %s }
          lora { rank = 4, alpha = 8, target-modules = %s }
          adapter.init = "%s"
          data { source = %s, train = "%s", test = "%s" }
          clients { count = 1, partitioner = iid }
          federation { rounds = 1, clients-per-round = 1, local-steps = 1, engine = %s, micro-batch = 5 }
          strategy.name = %s
          optimizer { name = sgd, learning-rate = %s }
          privacy { noise-multiplier = 0, sampling-probability = 1, max-grad-norm = %s, expected-batch-size = %s }
        }
        """
            .formatted(
                out,
                golden.resolve("model"),
                model.equals("bert") ? "64" : tsv ? "158" : "512",
                new ObjectMapper()
                    .readTree(golden.resolve("init-adapter/adapter_config.json").toFile())
                    .get("target_modules"),
                golden.resolve("init-adapter"),
                images ? "image-folder" : tsv ? "tsv" : "jsonl",
                data,
                data,
                engine,
                strategy,
                norms.get("lr").asText(),
                norms.get("clip").asText(),
                norms.get("expected_batch").asText()));
    assertThat(Main.execute("train", scenario.toString())).isZero();
    Path run = run(out);
    SafeTensors found = SafeTensors.open(run.resolve("adapter/adapter_model.safetensors"));
    SafeTensors wanted =
        SafeTensors.open(golden.resolve(expected).resolve("adapter_model.safetensors"));
    List<String> own = new ArrayList<>(found.names());
    if (images) { // also under the names of transformers 5
      own.removeIf(name -> name.contains(".vit.layers."));
      assertThat(found.names()).hasSize(2 * own.size());
    }
    assertThat(own).containsExactlyInAnyOrderElementsOf(wanted.names());
    for (String name : wanted.names()) {
      float[] a = found.floats(name);
      float[] b = wanted.floats(name);
      for (int i = 0; i < b.length; i++) {
        assertThat(a[i]).as("%s[%d]", name, i).isCloseTo(b[i], Offset.offset(1e-5f));
      }
    }
    JsonNode privacy = new ObjectMapper().readTree(run.resolve("privacy.json").toFile());
    assertThat(privacy.toString()).contains("no epsilon is claimed");
  }

  static Path run(Path parent) throws IOException {
    List<Path> runs = new ArrayList<>();
    try (Stream<Path> folders = Files.list(parent)) {
      folders.filter(Files::isDirectory).forEach(runs::add);
    }
    assertThat(runs).hasSize(1);
    assertThat(runs.get(0).getFileName().toString()).doesNotEndWith(".incomplete");
    return runs.get(0);
  }
}
