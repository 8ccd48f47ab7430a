package org.lorica.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lorica.config.ConfigLoader;
import org.lorica.config.LoadedConfig;
import org.lorica.spark.TinyTokenizer;

/**
 * A federated task that trains in milliseconds: a tiny classifier, 120 short texts, 9 clients, 7 of
 * them a round.
 */
public record TinyScenario(Path dir, Path file) {

  /** Writes model, data and scenario to {@code dir}; runs go to {@code dir/runs}. */
  public static TinyScenario in(Path dir) throws IOException {
    Path model = dir.resolve("model");
    TinyModels.bert(Files.createDirectories(model), 11);
    TinyTokenizer.write(model);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      String text = "abcdefgh".substring(i % 5, i % 5 + 1 + i % 3) + "ghijk".substring(i % 4);
      lines.add("{\"text\":\"" + text + "\",\"label\":" + i % 3 + "}");
    }
    Path data = Files.write(dir.resolve("data.jsonl"), lines);
    Path scenario = dir.resolve("tiny.conf");
    Files.writeString(
        scenario,
        """
        lorica {
          name = tiny
          out = "%s"
          model { path = "%s", max-length = 16, head = trained }
          lora.rank = 2
          data { source = jsonl, train = "%s", test-fraction = 0.2 }
          clients { count = 9, partitioner = iid }
          federation { rounds = 4, clients-per-round = 7, local-steps = 2 }
          privacy.expected-batch-size = 4
        }
        """
            .formatted(dir.resolve("runs"), model, data));
    return new TinyScenario(dir, scenario);
  }

  /** A command line of Lorica's: {@code command}, this scenario, and settings over it. */
  public List<String> arguments(String command, String... settings) {
    List<String> arguments = new ArrayList<>(List.of(command, file.toString()));
    for (String setting : settings) {
      arguments.add("--set");
      arguments.add(setting);
    }
    return arguments;
  }

  /** The scenario with settings over it. */
  public LoadedConfig load(String... settings) {
    return ConfigLoader.load(file, List.of(settings));
  }
}
