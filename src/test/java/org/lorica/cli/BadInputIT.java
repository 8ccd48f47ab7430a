package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.SafeTensors;

/**
 * What a user can get wrong is answered by one line that names it, an exit code above 0, and no run
 * folder.
 */
class BadInputIT {
  private static final Path MODEL = Path.of("conf/names-base");

  @TempDir private Path dir;

  private String fails(String... overrides) throws IOException {
    Path runs = Files.createDirectories(dir.resolve("runs"));
    String[] args = new String[2 + 2 * overrides.length + 2];
    args[0] = "train";
    args[1] = "conf/quickstart.conf";
    for (int i = 0; i < overrides.length; i++) {
      args[2 + 2 * i] = "--set";
      args[3 + 2 * i] = overrides[i];
    }
    args[args.length - 2] = "--set";
    args[args.length - 1] = "out=" + runs;
    String line = line(args);
    try (Stream<Path> left = Files.list(runs)) {
      assertThat(left).isEmpty();
    }
    return line;
  }

  /** The only line that a command says, failing. */
  private static String line(String... args) {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      assertThat(Main.execute(args)).isEqualTo(1);
    } finally {
      System.setErr(before);
    }
    List<String> lines =
        Arrays.asList(captured.toString(StandardCharsets.UTF_8).strip().split("\\R"));
    assertThat(lines).hasSize(1);
    return lines.get(0);
  }

  private Path copyOfModel() throws IOException {
    Path copy = Files.createDirectories(dir.resolve("model"));
    for (String name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
      Files.copy(MODEL.resolve(name), copy.resolve(name));
    }
    return copy;
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(dir.resolve(name), content);
  }

  @Test
  void aMissingModelFolder() throws IOException {
    assertThat(fails("model.path=" + dir.resolve("none"))).contains("none").contains("config.json");
  }

  @Test
  void aTruncatedWeightFile() throws IOException {
    Path model = copyOfModel();
    byte[] bytes = Files.readAllBytes(model.resolve("model.safetensors"));
    Files.write(model.resolve("model.safetensors"), Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(fails("model.path=" + model)).contains("model.safetensors").contains("truncated");
  }

  @Test
  void aTensorOfTheWrongShape() throws IOException {
    Path model = copyOfModel();
    Path file = model.resolve("model.safetensors");
    SafeTensors tensors = SafeTensors.open(file);
    java.util.Map<String, SafeTensors.Entry> entries = new java.util.LinkedHashMap<>();
    for (String name : tensors.names()) {
      entries.put(name, new SafeTensors.Entry(tensors.shape(name), tensors.floats(name)));
    }
    entries.put("bert.pooler.dense.bias", new SafeTensors.Entry(List.of(3), new float[3]));
    SafeTensors.write(file, entries);
    assertThat(fails("model.path=" + model))
        .contains("bert.pooler.dense.bias")
        .contains("[96]")
        .contains("[3]");
  }

  @Test
  void anUnknownStrategy() throws IOException {
    assertThat(fails("strategy.name=fedsak"))
        .contains("strategy.name must be one of")
        .contains("fedsak");
  }

  @Test
  void anUnknownKey() throws IOException {
    assertThat(fails("federation.round=3")).contains("did you mean lorica.federation.rounds?");
  }

  @Test
  void anEpsilonThatCannotBeReached() throws IOException {
    assertThat(fails("privacy.epsilon=1e-7", "privacy.delta=1e-13"))
        .contains("privacy.epsilon")
        .contains("cannot be reached");
  }

  @Test
  void aFolderInPlaceOfTheFileToWrite() throws IOException {
    Path texts = file("texts.tsv", "text\nabc\n");
    Path folder = Files.createDirectories(dir.resolve("out"));
    assertThat(line("predict", "--model=" + MODEL, "--data=" + texts, "--out=" + folder))
        .endsWith("--out " + folder + ": expected a file, found a folder");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFullDiskUnderPredictions() throws IOException {
    assumeThat(Path.of("/dev/full")).exists();
    Path texts = file("texts.tsv", "text\n" + "abc\n".repeat(200));
    Path out = dir.resolve("out.jsonl");
    Files.createSymbolicLink(dir.resolve("out.jsonl.part"), Path.of("/dev/full"));
    assertThat(line("predict", "--model=" + MODEL, "--data=" + texts, "--out=" + out))
        .endsWith("cannot write " + out + ": No space left on device");
    assertThat(out).doesNotExist();
  }

  @Test
  @Timeout(120)
  void aMasterThatSparkDoesNotKnow() throws IOException {
    String before = System.getProperty("spark.master");
    System.setProperty("spark.master", "nonsense");
    try {
      assertThat(fails("federation.rounds=1"))
          .contains("Spark did not start on spark.master = nonsense: ")
          .contains("Master URL");
    } finally {
      if (before == null) {
        System.clearProperty("spark.master");
      } else {
        System.setProperty("spark.master", before);
      }
    }
  }

  @Test
  void anEmptyDataFile() throws IOException {
    Path empty = file("empty.tsv", "sentence\tlabel\n");
    assertThat(fails("data.source=tsv", "data.train=" + empty)).contains("empty.tsv");
  }

  @Test
  void aLabelOutsideTheHead() throws IOException {
    Path data = file("label.tsv", "sentence\tlabel\n" + "abc\t1\n".repeat(40) + "abc\t77\n");
    assertThat(
            fails(
                "data.source=tsv",
                "data.train=" + data,
                "data.test=" + file("test.tsv", "sentence\tlabel\nabc\t1\n"),
                "clients.partitioner=iid",
                "clients.count=2",
                "federation.clients-per-round=2"))
        .contains("data.train")
        .contains("0 to 19")
        .contains("77");
  }

  @Test
  void aRankAboveTheLayersSize() throws IOException {
    assertThat(fails("lora.rank=97")).contains("lora.rank must be <= 96").contains("97");
  }

  @Test
  void privacyWithoutATheorem() throws IOException {
    assertThat(fails("privacy.sampler=shuffle"))
        .contains("privacy.sampler = shuffle")
        .contains("set privacy.sampler = poisson");
    assertThat(fails("privacy.threat-model=central"))
        .contains("privacy.threat-model = central")
        .contains("privacy.unit = client");
    assertThat(fails("privacy.threat-model=central", "privacy.unit=client"))
        .contains("set federation.participation = poisson");
    assertThat(
            fails(
                "privacy.threat-model=central",
                "privacy.unit=client",
                "federation.participation=poisson",
                "federation.weights=examples"))
        .contains("set federation.weights = uniform");
    assertThat(fails("privacy.participation-cap=2"))
        .contains("privacy.participation-cap must be >= 30");
  }

  @Test
  void aStrategyThatTheThreatModelDoesNotCover() throws IOException {
    assertThat(
            fails(
                "strategy.name=flexlora",
                "privacy.threat-model=central",
                "privacy.unit=client",
                "federation.participation=poisson"))
        .contains("strategy.name = flexlora")
        .contains("privacy.threat-model = server");
  }
}
