package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code predict} and {@code evaluate} take hub names where folders and files may stand. */
class HubNamesIT {
  private static final String MODEL = "hf://org/names";
  private static final String DATA = "hf://datasets/org/words@v1/test.tsv";

  @TempDir private Path dir;

  @BeforeEach
  void fillCache() throws IOException {
    Path model = Files.createDirectories(dir.resolve("hub/org--names/main"));
    for (String name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
      Files.copy(Path.of("conf/names-base").resolve(name), model.resolve(name));
    }
    Path data = Files.createDirectories(dir.resolve("hub/datasets--org--words/v1"));
    Files.writeString(data.resolve("test.tsv"), "sentence\tlabel\nespagnol\t0\nItalian\t1\n");
  }

  private int predict(String model, String data, String... more) {
    List<String> args = new ArrayList<>(List.of("predict", "--model", model, "--data", data));
    args.addAll(List.of("--out", dir.resolve("out.jsonl").toString()));
    args.addAll(List.of(more));
    return Main.execute(args.toArray(new String[0]));
  }

  private String fails(String model, String data, String... more) {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      assertThat(predict(model, data, more)).isEqualTo(1);
    } finally {
      System.setErr(before);
    }
    assertThat(dir.resolve("out.jsonl")).doesNotExist();
    String text = captured.toString(StandardCharsets.UTF_8).strip();
    assertThat(text.lines()).hasSize(1);
    return text;
  }

  @Test
  void namesMeanWhatTheCacheHolds() throws IOException {
    String cache = "hub.cache=" + dir.resolve("hub");
    assertThat(predict(MODEL, DATA, "--set", cache, "--set", "hub.offline=true")).isZero();
    String named = Files.readString(dir.resolve("out.jsonl"));
    assertThat(named.lines()).hasSize(2);
    String file = dir.resolve("hub/datasets--org--words/v1/test.tsv").toString();
    assertThat(predict("conf/names-base", file)).isZero();
    assertThat(dir.resolve("out.jsonl")).hasContent(named);
    assertThat(
            Main.execute("evaluate", "--model", MODEL, "--data", DATA, "--set", "lorica." + cache))
        .isZero();
  }

  @Test
  void whatIsNotThereSaysHowToFetchIt() {
    String cache = "hub.cache=" + dir.resolve("hub");
    assertThat(fails("hf://org/other", DATA, "--set", cache))
        .contains("config.json of org/other (revision main)")
        .contains("--set hub.endpoint=ADDRESS");
    assertThat(fails(MODEL, DATA, "--set", "lora.rank=3"))
        .contains(
            "--set must be a key of hub, data.columns or data.questions = a value here, got"
                + " lora.rank=3");
    assertThat(fails(MODEL, DATA, "--set", "hub.cash=x")).contains("hub.cash");
    assertThat(fails(MODEL, DATA, "--set", cache, "--adapter", "hf://org/adapter"))
        .contains("--adapter must be a folder of this machine");
  }
}
