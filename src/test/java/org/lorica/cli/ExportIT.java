package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.data.SafeTensors;
import org.lorica.spark.TinyTokenizer;
import org.lorica.testing.TinyModels;

/** A merged model alone says what base model and adapter say together. */
class ExportIT {
  @TempDir private Path dir;

  private Path run(String strategy, String... overrides) throws IOException {
    Path model = Files.createDirectories(dir.resolve("model"));
    if (!Files.exists(model.resolve("config.json"))) {
      TinyModels.bert(model, 11);
    }
    TinyTokenizer.write(model);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      lines.add(
          "{\"text\":\""
              + "abcdefghij".substring(i % 5, 6 + i % 4)
              + "\",\"label\":"
              + i % 3
              + "}");
    }
    Path data = Files.write(dir.resolve("data.jsonl"), lines);
    Path scenario =
        Files.writeString(
            dir.resolve("tiny.conf"),
            """
            lorica {
              name = tiny
              out = "%s"
              model { path = "%s", max-length = 16, head = trained }
              lora.rank = 2
              data { source = jsonl, train = "%s", test-fraction = 0.2 }
              clients { count = 4, partitioner = iid }
              federation { rounds = 2, clients-per-round = 4, local-steps = 2, engine = local }
              strategy.name = %s
              privacy { mode = none, expected-batch-size = 8 }
              diagnostics { every = 2, hessian-examples = 4, hessian-iterations = 3 }
            }
            """
                .formatted(dir.resolve("runs"), model, data, strategy));
    List<String> args = new ArrayList<>(List.of("train", scenario.toString()));
    List.of(overrides).forEach(override -> args.addAll(List.of("--set", override)));
    assertThat(Main.execute(args.toArray(String[]::new))).isZero();
    try (Stream<Path> runs = Files.list(dir.resolve("runs"))) {
      return runs.findFirst().orElseThrow();
    }
  }

  private List<Double> numbers(String name, String... more) throws IOException {
    Path out = dir.resolve(name);
    List<String> args = new ArrayList<>(List.of("predict", "--data", dir + "/data.jsonl"));
    args.addAll(List.of(more));
    args.addAll(List.of("--out", out.toString()));
    assertThat(Main.execute(args.toArray(String[]::new))).isZero();
    List<Double> numbers = new ArrayList<>();
    for (String part : Files.readString(out).split("[^-0-9.Ee]+", -1)) {
      if (part.matches("-?\\d+\\.\\d+([Ee]-?\\d+)?")) {
        numbers.add(Double.parseDouble(part));
      }
    }
    return numbers;
  }

  @ParameterizedTest
  @CsvSource({"fedavg,2", "flora,2", "fedavg,1", "flora,1"})
  void theMergedModelPredictsAsBaseAndAdapterDo(String strategy, int rankOfQuery)
      throws IOException {
    Path run =
        rankOfQuery == 2
            ? run(strategy)
            : run(
                strategy,
                "lora.rank-pattern.query=1",
                "lora.alpha-pattern.0.attention.self.query=40");
    JsonNode config =
        new ObjectMapper().readTree(run.resolve("adapter/adapter_config.json").toFile());
    if (strategy.equals("fedavg")) { // what is folded fills these small modules to the same rank
      assertThat(config.path("rank_pattern").isEmpty()).isEqualTo(rankOfQuery == 2);
    }
    assertThat(config.path("alpha_pattern").isEmpty()).isEqualTo(rankOfQuery == 2);
    Path merged = dir.resolve("merged");
    Path peft = dir.resolve("peft");
    assertThat(
            Main.execute(
                "export", run.toString(), "--merged", merged.toString(), "--peft", peft.toString()))
        .isZero();
    String base = dir.resolve("model").toString();
    List<Double> together = numbers("1.jsonl", "--model", base, "--adapter", peft.toString());
    List<Double> alone = numbers("2.jsonl", "--model", merged.toString());
    List<Double> untrained = numbers("3.jsonl", "--model", base);
    assertThat(together).hasSameSizeAs(alone).hasSizeGreaterThan(200).isNotEqualTo(untrained);
    for (int i = 0; i < alone.size(); i++) {
      assertThat(alone.get(i)).isCloseTo(together.get(i), Offset.offset(1e-4));
    }
    String rounds = Files.readString(run.resolve("rounds.jsonl"));
    assertThat(rounds.lines().toList().get(0)).doesNotContain("simulationDiagnostics");
    assertThat(rounds.lines().toList().get(1))
        .contains("\"simulationDiagnostics\":{", "\"aggregationBias\":", "topHessianEigenvalue");
  }

  /** Leaves a model's tensors that are wanted, under the names that {@code renamed} gives. */
  private static void keep(Path model, Predicate<String> wanted, UnaryOperator<String> renamed) {
    Path weights = model.resolve("model.safetensors");
    SafeTensors stored = SafeTensors.open(weights);
    Map<String, SafeTensors.Entry> kept = new LinkedHashMap<>();
    for (String name : stored.names()) {
      if (wanted.test(name)) {
        kept.put(
            renamed.apply(name), new SafeTensors.Entry(stored.shape(name), stored.floats(name)));
      }
    }
    SafeTensors.write(weights, kept);
  }

  /**
   * The base is the encoder alone, its names without prefix; one without even a pooler, which is
   * drawn then; or a classifier of 3 classes.
   */
  @ParameterizedTest
  @CsvSource({
    "backbone,5,frozen",
    "poolerless,5,frozen",
    "poolerless,5,trained",
    "classifier,5,trained",
    "classifier,1,trained"
  })
  void aMergedModelHasTheRunsNumberOfClasses(String base, int classes, String head)
      throws IOException {
    Path model = TinyModels.bert(Files.createDirectories(dir.resolve("model")), 11);
    if (base.equals("backbone")) {
      keep(model, name -> name.startsWith("bert."), name -> name.substring(5));
    } else if (base.equals("poolerless")) {
      keep(model, name -> !name.matches(".*(pooler|classifier).*"), name -> name);
    }
    Path run =
        classes == 1
            ? run("fedavg", "model.head-init=zero", "model.task=regression", "data.target=value")
            : run(
                "fedavg",
                "model.head-init=random",
                "model.classes=" + classes,
                "model.head=" + head);
    Path merged = dir.resolve("merged");
    assertThat(Main.execute("export", run.toString(), "--merged", merged.toString())).isZero();
    JsonNode config = new ObjectMapper().readTree(merged.resolve("config.json").toFile());
    assertThat(config.path("id2label")).hasSize(classes);
    assertThat(config.path("label2id")).hasSize(classes);
    assertThat(config.path("num_labels").asInt()).isEqualTo(classes);
    SafeTensors tensors = SafeTensors.open(merged.resolve("model.safetensors"));
    assertThat(tensors.shape("classifier.weight").get(0)).isEqualTo(classes);
    assertThat(tensors.shape("classifier.bias")).containsExactly(classes);
    assertThat(tensors.names()).allMatch(n -> n.startsWith("bert.") || n.startsWith("classifier."));
    String adapter = run.resolve("adapter").toString();
    List<Double> together = numbers("1.jsonl", "--model", model.toString(), "--adapter", adapter);
    List<Double> alone = numbers("2.jsonl", "--model", merged.toString());
    assertThat(together).hasSameSizeAs(alone).hasSizeGreaterThan(50);
    for (int i = 0; i < alone.size(); i++) {
      assertThat(alone.get(i)).isCloseTo(together.get(i), Offset.offset(1e-4));
    }
  }

  @ParameterizedTest
  @CsvSource({"frozen", "trained"})
  void aDrawnPoolerIsPartOfTheExport(String head) throws IOException {
    Path model = TinyModels.bert(Files.createDirectories(dir.resolve("model")), 11);
    keep(model, name -> !name.matches(".*(pooler|classifier).*"), name -> name);
    Path run =
        run(
            "fedavg",
            "model.head-init=random",
            "model.classes=3",
            "model.head=" + head,
            "data.test=" + dir.resolve("data.jsonl"));
    List<String> rounds = Files.readAllLines(run.resolve("rounds.jsonl"));
    double trained = new ObjectMapper().readTree(rounds.get(1)).at("/quality/testLoss").asDouble();
    String folder = run.resolve("adapter").toString();
    numbers("1.jsonl", "--model", model.toString(), "--adapter", folder);
    double predicted = 0;
    List<String> lines = Files.readAllLines(dir.resolve("1.jsonl"));
    for (String line : lines) {
      predicted += new ObjectMapper().readTree(line).path("loss").asDouble() / lines.size();
    }
    assertThat(predicted).isCloseTo(trained, Offset.offset(1e-6));
    SafeTensors adapter = SafeTensors.open(run.resolve("adapter/adapter_model.safetensors"));
    assertThat(adapter.names()).contains("base_model.model.bert.pooler.dense.weight");
    JsonNode config =
        new ObjectMapper().readTree(run.resolve("adapter/adapter_config.json").toFile());
    assertThat(config.path("modules_to_save").toString()).isEqualTo("[\"pooler\",\"classifier\"]");
  }

  /** The head comes with the export; a run that goes on from it must draw the same. */
  @Test
  void aRunGoesOnFromAnExportWithAFrozenFreshHead() throws IOException {
    String[] fresh = {"model.head-init=random", "model.classes=3", "model.head=frozen"};
    Path first = run("fedavg", fresh);
    String init = "adapter.init=" + dir.resolve("first");
    assertThat(Main.execute("export", first.toString(), "--peft", dir.resolve("first").toString()))
        .isZero();
    List<String> again =
        new ArrayList<>(List.of("train", dir.resolve("tiny.conf").toString(), "--set", init));
    List.of(fresh).forEach(setting -> again.addAll(List.of("--set", setting)));
    again.addAll(List.of("--set", "out=" + dir.resolve("second")));
    assertThat(Main.execute(again.toArray(String[]::new))).isZero();
    again.addAll(List.of("--set", "seed=77", "--set", "out=" + dir.resolve("third")));
    assertThat(Main.execute(again.toArray(String[]::new))).isEqualTo(1);
    assertThat(dir.resolve("third")).doesNotExist();
  }

  @Test
  void theModelOfANamedRunIsFoundInTheRunsCache() throws IOException {
    Path model = Files.createDirectories(dir.resolve("hub/org--tiny/main"));
    TinyModels.bert(model, 11);
    TinyTokenizer.write(model);
    String cache = "hub.cache=" + dir.resolve("hub");
    Path run = run("ffa", "model.path=hf://org/tiny", cache, "hub.offline=true");
    Path merged = dir.resolve("merged");
    assertThat(Main.execute("export", run.toString(), "--merged", merged.toString())).isZero();
    assertThat(merged.resolve("model.safetensors")).exists();
  }

  @Test
  void whatIsNoFinishedRunOrExistsAlreadyIsRefusedAndNothingIsLeft() throws IOException {
    Path out = dir.resolve("out");
    assertThat(Main.execute("export", dir.toString(), "--merged", out.toString())).isEqualTo(1);
    Path run = run("ffa");
    assertThat(Main.execute("export", run.toString())).isEqualTo(1);
    assertThat(Main.execute("export", run.toString(), "--merged", dir.toString())).isEqualTo(1);
    assertThat(
            Main.execute(
                "export", run.toString(), "--merged", out.toString(), "--model", dir.toString()))
        .isEqualTo(1);
    assertThat(out).doesNotExist();
    assertThat(dir.resolve("out.incomplete")).doesNotExist();
  }
}
