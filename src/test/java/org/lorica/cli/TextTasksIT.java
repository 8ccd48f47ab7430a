package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.data.ByteTokenizerFile;
import org.lorica.data.SafeTensors;
import org.lorica.model.ScratchBert;
import org.lorica.random.RandomKey;

/** Every kind of text task, from its files to the run folder, with privacy. */
class TextTasksIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ScratchBert.Size SIZE = new ScratchBert.Size(24, 1, 2, 260, 64);

  @TempDir private Path dir;
  private Path model;

  @BeforeEach
  void folder() throws IOException {
    model = Files.createDirectories(dir.resolve("model"));
    ByteTokenizerFile.write(model.resolve("tokenizer.json"));
  }

  private Path train(String source, String data, String... overrides) throws IOException {
    Path out = dir.resolve("runs");
    List<String> args = new ArrayList<>(List.of("train", "conf/quickstart.conf"));
    List<String> all = new ArrayList<>();
    all.add("name=task");
    all.add("out=" + out);
    all.add("model.path=" + model);
    all.add("model.max-length=40");
    all.add("data.source=" + source);
    all.add("data.train=" + data);
    all.add("data.test-fraction=0.3");
    all.add("clients.partitioner=iid");
    all.add("clients.count=2");
    all.add("clients.min-examples=1");
    all.add("federation.clients-per-round=2");
    all.add("federation.rounds=2");
    all.add("federation.local-steps=2");
    all.add("federation.engine=local");
    all.add("privacy.expected-batch-size=4");
    all.addAll(List.of(overrides));
    all.forEach(override -> args.addAll(List.of("--set", override)));
    assertThat(Main.execute(args.toArray(new String[0]))).isZero();
    return GoldenStepIT.run(out);
  }

  private static JsonNode lastRound(Path run) throws IOException {
    List<String> lines = Files.readAllLines(run.resolve("rounds.jsonl"));
    assertThat(lines).hasSize(2);
    return JSON.readTree(lines.get(1));
  }

  @Test
  void pairsOfTextsInZippedCsvWithNamedClasses() throws IOException {
    ScratchBert.write(model, SIZE, 2, RandomKey.root(1));
    StringBuilder csv = new StringBuilder("premise,hypothesis,verdict\n");
    for (int i = 0; i < 40; i++) {
      String verdict = i == 7 ? "unsure" : i % 2 == 0 ? "yes" : "no";
      csv.append("\"it is, say, %d\",\"so it is %d\",%s\n".formatted(i, i + i % 2, verdict));
    }
    csv.append("\"").append("very ".repeat(20)).append("long\",so,yes\n");
    Path file = dir.resolve("pairs.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(csv.toString().getBytes(StandardCharsets.UTF_8));
    }
    Path run =
        train(
            "csv",
            file.toString(),
            "data.columns.text=premise",
            "data.columns.text2=hypothesis",
            "data.columns.label=verdict",
            "data.labels=no,yes",
            "data.bad-records=skip");
    JsonNode metrics = lastRound(run).at("/quality/metrics");
    assertThat(metrics.path("accuracy").asDouble(-1)).isBetween(0.0, 1.0);
    assertThat(metrics.has("f1")).isTrue();
    assertThat(metrics.has("macro_f1")).isTrue();
    assertThat(Files.readString(run.resolve("summary.txt")))
        .contains("1 records left out: a label that is no class")
        .containsPattern("1 of \\d+ (training|held-out) texts were longer than model.max-length");
    requirePairsRead(run.resolve("adapter"));
  }

  /** As the run that the adapter lies in read its columns, or as --set says. */
  private void requirePairsRead(Path adapter) throws IOException {
    Path lines = dir.resolve("more.tsv");
    Files.writeString(lines, "premise\thypothesis\nit is 1\tso it is\nit is 1\tno\n");
    List<String> pairs = predicted(adapter, lines);
    assertThat(pairs.get(0)).isNotEqualTo(pairs.get(1));
    Path moved = Files.createDirectory(dir.resolve("moved"));
    for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Files.copy(adapter.resolve(name), moved.resolve(name));
    }
    String text = "data.columns.text=premise";
    assertThat(predicted(moved, lines, "--set", text, "--set", "data.columns.text2=hypothesis"))
        .isEqualTo(pairs);
    List<String> single = predicted(moved, lines, "--set", text);
    assertThat(single.get(0)).isEqualTo(single.get(1)).isNotEqualTo(pairs.get(0));
  }

  private List<String> predicted(Path adapter, Path data, String... more) throws IOException {
    Path out = dir.resolve("predicted.jsonl");
    List<String> command = new ArrayList<>(List.of("predict", "--model", model.toString()));
    command.addAll(List.of("--adapter", adapter.toString(), "--data", data.toString()));
    command.addAll(List.of("--out", out.toString()));
    command.addAll(List.of(more));
    assertThat(Main.execute(command.toArray(String[]::new))).isZero();
    return Files.readAllLines(out);
  }

  @Test
  void aRegressionIsScoredByCorrelations() throws IOException {
    ScratchBert.write(model, SIZE, 1, RandomKey.root(1));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      lines.append(
          "{\"text\":\"%s\",\"label\":%s}\n".formatted("x".repeat(1 + i % 9), i % 9 / 4.0));
    }
    String file = Files.writeString(dir.resolve("v.jsonl"), lines).toString();
    Path run = train("jsonl", file, "data.target=value");
    JsonNode quality = lastRound(run).path("quality");
    assertThat(quality.path("metric").asText()).isEqualTo("pearson");
    assertThat(quality.at("/metrics/spearman").asDouble(9)).isBetween(-1.0, 1.0);
    assertThat(quality.at("/metrics/mse").asDouble())
        .isEqualTo(quality.path("testLoss").asDouble());
  }

  @Test
  void questionsAreAskedOfWindowsAndScoredAsSquadDoes() throws IOException {
    ScratchBert.write(model, SIZE, 2, RandomKey.root(1));
    Path weights = model.resolve("model.safetensors");
    SafeTensors stored = SafeTensors.open(weights);
    Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
    for (String name : stored.names()) {
      tensors.put(
          name.replace("classifier.", "qa_outputs."),
          new SafeTensors.Entry(stored.shape(name), stored.floats(name)));
    }
    SafeTensors.write(weights, tensors);
    requireQuestionsAnswered();
  }

  @Test
  void aClassifierBecomesAnAnswererWithAFreshHead() throws IOException {
    ScratchBert.write(model, SIZE, 3, RandomKey.root(1));
    requireQuestionsAnswered(
        "model.task=question-answering", "model.head-init=random", "model.head=trained");
  }

  @ParameterizedTest
  @ValueSource(strings = {"frozen", "trained"})
  void theExportedAdapterAnswersAsTheRunDid(String head) throws IOException {
    StringBuilder asked = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      asked.append(i == 0 ? "" : ",");
      asked.append(
          "{\"id\":\"q%d\",\"question\":\"of %d?\",\"answers\":[{\"text\":\"%s\",\"answer_start\":%d}]}"
              .formatted(i, i, i % 2 == 0 ? "green" : "is", i % 2 == 0 ? 7 : 4));
    }
    String file =
        Files.writeString(
                dir.resolve("squad.json"),
                "{\"data\":[{\"title\":\"R\",\"paragraphs\":[{\"context\":\"sky is green\",\"qas\":[%s]}]}]}"
                    .formatted(asked))
            .toString();
    ScratchBert.write(model, SIZE, 3, RandomKey.root(1));
    Path run =
        train(
            "squad",
            file,
            "data.test=" + file,
            "model.task=question-answering",
            "model.head-init=random",
            "model.head=" + head);
    JsonNode quality = lastRound(run).path("quality");
    String[] files = {
      "--model", model.toString(), "--adapter", run.resolve("adapter").toString(), "--data", file
    };
    JsonNode evaluated = JSON.readTree(out("evaluate", files));
    assertThat(evaluated.path("examples").asInt()).isEqualTo(12);
    assertThat(evaluated.path("loss").asDouble())
        .isCloseTo(quality.path("testLoss").asDouble(), Offset.offset(1e-6));
    assertThat(evaluated.path("f1").asDouble())
        .isEqualTo(quality.path("metricValue").asDouble(), Offset.offset(1e-9));
    Path predictions = dir.resolve("predictions.jsonl");
    List<String> predict = new ArrayList<>(List.of(files));
    predict.addAll(List.of("--out", predictions.toString()));
    out("predict", predict.toArray(String[]::new));
    List<String> lines = Files.readAllLines(predictions);
    assertThat(lines).hasSize(12);
    double loss = 0;
    for (String line : lines) {
      loss += JSON.readTree(line).path("loss").asDouble() / lines.size();
    }
    assertThat(loss).isCloseTo(evaluated.path("loss").asDouble(), Offset.offset(1e-6));
  }

  /** Windows overlap by the run's stride where the adapter lies in its folder. */
  @Test
  void evaluateAsksOfTheRunsWindowsOrOfThoseThatItIsTold() throws IOException {
    ScratchBert.write(model, SIZE, 3, RandomKey.root(1));
    String passage = "the colour of the river in spring is mostly green and sometimes brown";
    String file =
        Files.writeString(
                dir.resolve("squad.json"),
                "{\"data\":[{\"title\":\"R\",\"paragraphs\":[{\"context\":\"%s\",\"qas\":[%s,%s]}]}]}"
                    .formatted(passage, asked("q1", passage), asked("q2", passage)))
            .toString();
    Path run =
        train(
            "squad",
            file,
            "data.test=" + file,
            "model.task=question-answering",
            "model.head-init=random",
            "model.head=trained",
            "data.questions.stride=8");
    double inTheRun = lastRound(run).at("/quality/testLoss").asDouble();
    Path adapter = run.resolve("adapter");
    assertThat(lossOf(file, adapter)).isCloseTo(inTheRun, Offset.offset(1e-6));
    assertThat(lossOf(file, adapter, "--set", "data.questions.stride=2"))
        .isNotCloseTo(inTheRun, Offset.offset(1e-5));

    Path elsewhere = Files.createDirectories(dir.resolve("elsewhere/adapter"));
    for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Files.copy(adapter.resolve(name), elsewhere.resolve(name));
    }
    assertThat(lossOf(file, adapter, "--max-length", "36"))
        .isNotCloseTo(inTheRun, Offset.offset(1e-5));
    String[] asTheRun = {"--max-length", "40", "--set", "data.questions.stride=8"};
    assertThat(lossOf(file, elsewhere, asTheRun)).isCloseTo(inTheRun, Offset.offset(1e-6));
    assertThat(errors(options(file, elsewhere))) // the usual stride, wider than a window
        .contains("data.questions.stride must be < ")
        .contains("got 128");
    assertThat(errors(options(file, adapter, "--set", "data.questions.stride=-1")))
        .contains("data.questions.stride must be >= 0, got -1");
  }

  /** What a command that fails says. */
  private static String errors(String... args) {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      assertThat(Main.execute(args)).isNotZero();
    } finally {
      System.setErr(before);
    }
    return captured.toString(StandardCharsets.UTF_8);
  }

  private static String asked(String id, String passage) {
    return "{\"id\":\"%s\",\"question\":\"%s?\",\"answers\":[{\"text\":\"green\",\"answer_start\":%d}]}"
        .formatted(id, id, passage.indexOf("green"));
  }

  private String[] options(String file, Path adapter, String... more) {
    List<String> all = new ArrayList<>(List.of("evaluate", "--model", model.toString()));
    all.addAll(List.of("--adapter", adapter.toString(), "--data", file));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private double lossOf(String file, Path adapter, String... more) throws IOException {
    String[] args = options(file, adapter, more);
    String printed = out(args[0], Arrays.copyOfRange(args, 1, args.length));
    return JSON.readTree(printed).path("loss").asDouble();
  }

  /** What a command that succeeds prints. */
  private static String out(String command, String... options) {
    List<String> args = new ArrayList<>(List.of(command));
    args.addAll(List.of(options));
    PrintStream before = System.out;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      assertThat(Main.execute(args.toArray(String[]::new))).isZero();
    } finally {
      System.setOut(before);
    }
    return captured.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aClassifierBecomesARegressionWithAFreshHead() throws IOException {
    ScratchBert.write(model, SIZE, 3, RandomKey.root(1));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      lines.append(
          "{\"text\":\"%s\",\"label\":%s}\n".formatted("x".repeat(1 + i % 9), i % 9 / 4.0));
    }
    String file = Files.writeString(dir.resolve("v.jsonl"), lines).toString();
    Path run =
        train(
            "jsonl",
            file,
            "data.target=value",
            "model.task=regression",
            "model.head-init=random",
            "model.head=trained");
    assertThat(lastRound(run).at("/quality/metric").asText()).isEqualTo("pearson");
  }

  private void requireQuestionsAnswered(String... overrides) throws IOException {
    StringBuilder asked = new StringBuilder();
    String passage = "the colour of the river in spring is mostly green and sometimes brown";
    for (int i = 0; i < 20; i++) {
      String answers =
          i % 4 == 0
              ? "\"is_impossible\":true,\"answers\":[]"
              : "\"answers\":[{\"text\":\"green\",\"answer_start\":%d}]"
                  .formatted(passage.indexOf("green"));
      asked.append(i == 0 ? "" : ",");
      asked.append("{\"id\":\"q%d\",\"question\":\"which %d?\",%s}".formatted(i, i, answers));
    }
    String file =
        Files.writeString(
                dir.resolve("squad.json"),
                "{\"data\":[{\"title\":\"R\",\"paragraphs\":[{\"context\":\"%s\",\"qas\":[%s]}]}]}"
                    .formatted(passage, asked))
            .toString();
    List<String> settings = new ArrayList<>(List.of(overrides));
    settings.add("data.questions.stride=8");
    Path run = train("squad", file, settings.toArray(new String[0]));
    JsonNode quality = lastRound(run).path("quality");
    assertThat(quality.path("metric").asText()).isEqualTo("f1");
    assertThat(quality.at("/metrics/exact_match").asDouble(-1)).isBetween(0.0, 1.0);
    JsonNode peft = JSON.readTree(run.resolve("adapter/adapter_config.json").toFile());
    assertThat(peft.path("task_type").asText()).isEqualTo("QUESTION_ANS");
    assertThat(peft.at("/modules_to_save/0").asText()).isEqualTo("qa_outputs");
  }

  @Test
  void aLanguageModelLearnsTheResponseOnly() throws IOException {
    Path golden = Path.of("../shared/golden/llama/model");
    assumeThat(golden).as("a language model beside the project").isDirectory();
    model = golden;
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      lines.append("{\"ask\":\"egbn %d\",\"reply\":\"doq zls\"}\n".formatted(i));
    }
    lines.append("{\"ask\":\"%s\",\"reply\":\"x\"}\n".formatted("long ".repeat(30)));
    String file = Files.writeString(dir.resolve("i.jsonl"), lines).toString();
    Path run =
        train(
            "jsonl",
            file,
            "data.columns.text=ask",
            "data.columns.response=reply",
            "data.bad-records=skip");
    assertThat(lastRound(run).at("/quality/metrics/perplexity").asDouble()).isGreaterThan(1);
    assertThat(Files.readString(run.resolve("summary.txt")))
        .contains("1 records left out: a prompt that leaves no room for its response");
  }
}
