package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.DataConfig.Source;
import org.lorica.config.RecordFormat;

/** Rows of every format become the same records. */
class RowsTest {
  private static final RecordFormat.Questions QUESTIONS = new RecordFormat.Questions(8, 30, 0);
  private static final List<TextRecord> EXPECTED =
      List.of(
          new TextRecord("plain", "second", new Target.Label(1), "ann"),
          new TextRecord("with, comma", "and \"quotes\"", new Target.Label(0), "bob"),
          new TextRecord("ünï 😀", "x", new Target.Label(1), "ann"));

  @TempDir private Path dir;

  private static RecordFormat format(RecordFormat.BadRecords bad) {
    RecordFormat.Columns columns =
        new RecordFormat.Columns(
            Optional.of("a"),
            Optional.of("b"),
            Optional.empty(),
            Optional.of("gold"),
            Optional.of("who"));
    return new RecordFormat(
        columns, List.of("neg", "pos"), RecordFormat.TargetKind.CLASS, bad, QUESTIONS);
  }

  private static List<TextRecord> read(Path file, Source source) {
    return TextSource.read(file.toString(), source, format(RecordFormat.BadRecords.FAIL));
  }

  private Path write(String name, String text) throws IOException {
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream out = name.endsWith(".gz") ? new GZIPOutputStream(raw) : raw) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  @Test
  void tablesWithTabsOrCommasZippedOrNotHoldTheSameRecords() throws IOException {
    String tabs =
        "gold\ta\tb\twho\npos\tplain\tsecond\tann\n"
            + "neg\twith, comma\tand \"quotes\"\tbob\npos\tünï 😀\tx\tann\n";
    String commas =
        "\uFEFFgold,a,b,who\npos,plain,second,ann\n\n"
            + "neg,\"with, comma\",\"and \"\"quotes\"\"\",bob\r\n\"pos\",ünï 😀,x,ann";
    assertThat(read(write("a.tsv", tabs), Source.TSV)).isEqualTo(EXPECTED);
    assertThat(read(write("a.tsv.gz", tabs), Source.TSV)).isEqualTo(EXPECTED);
    assertThat(read(write("a.csv", commas), Source.CSV)).isEqualTo(EXPECTED);
    assertThat(read(write("a.csv.gz", commas), Source.CSV)).isEqualTo(EXPECTED);
    String name = dir.resolve("a.csv").toUri().toString();
    assertThat(name).startsWith("file:/");
    assertThat(TextSource.read(name, Source.CSV, format(RecordFormat.BadRecords.FAIL)))
        .as("through Hadoop")
        .isEqualTo(EXPECTED);
  }

  @Test
  void aFolderOfPartFilesIsReadInTheOrderOfItsNames() throws IOException {
    write("parts/part-1.jsonl", json("with, comma", "and \\\"quotes\\\"", "neg", "bob"));
    write("parts/part-0.jsonl", json("plain", "second", "pos", "ann"));
    write("parts/part-2.jsonl", json("ünï 😀", "x", "pos", "ann"));
    write("parts/_SUCCESS", "");
    write("parts/.part-0.jsonl.crc", "no text");
    assertThat(read(dir.resolve("parts"), Source.JSONL)).isEqualTo(EXPECTED);
    assertThat(
            TextSource.read(
                dir.resolve("parts").toUri().toString(),
                Source.JSONL,
                format(RecordFormat.BadRecords.FAIL)))
        .isEqualTo(EXPECTED);
  }

  private static String json(String a, String b, String gold, String who) {
    return "{\"a\":\"%s\",\"b\":\"%s\",\"gold\":\"%s\",\"who\":\"%s\",\"more\":[1]}\n"
        .formatted(a, b, gold, who);
  }

  @Test
  void parquetHoldsTheSameRecords() throws IOException {
    MessageType type =
        MessageTypeParser.parseMessageType(
            "message row { required binary a (STRING); optional binary b (STRING);"
                + " optional binary gold (STRING); required binary who (STRING);"
                + " optional int64 more; repeated int32 list; }");
    Path file = dir.resolve("a.parquet");
    SimpleGroupFactory groups = new SimpleGroupFactory(type);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
            .withType(type)
            .build()) {
      for (TextRecord record : EXPECTED) {
        writer.write(
            groups
                .newGroup()
                .append("a", record.text())
                .append("b", record.text2())
                .append("gold", record.label() == 1 ? "pos" : "neg")
                .append("who", record.client())
                .append("more", 7L)
                .append("list", 1)
                .append("list", 2));
      }
      writer.write(groups.newGroup().append("a", "no label").append("b", "x").append("who", "z"));
    }
    RecordLog log = new RecordLog();
    RecordFormat skipping = format(RecordFormat.BadRecords.SKIP);
    assertThat(TextSource.read(file.toString(), Source.PARQUET, skipping, log)).isEqualTo(EXPECTED);
    assertThat(log.skipped()).isEqualTo(1);
    assertThat(log.lines().get(0)).contains("no value in column \"gold\"").contains("row 4");
    Path other = write("b.parquet", "not one, and long enough to be read");
    assertThatThrownBy(() -> read(other, Source.PARQUET))
        .hasMessageContaining("b.parquet: expected a Parquet file");
  }

  /** Any cells come back from any quoting of them. */
  @Test
  void whatIsQuotedComesBack() throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    String letters = "ab,\"\n\té ";
    for (int trial = 0; trial < 200; trial++) {
      StringBuilder csv = new StringBuilder("x,y\n");
      String[] cells = new String[2];
      for (int c = 0; c < 2; c++) {
        StringBuilder cell = new StringBuilder("z");
        for (int i = random.nextInt(8); i > 0; i--) {
          cell.append(letters.charAt(random.nextInt(letters.length())));
        }
        cells[c] = cell.toString();
        csv.append('"').append(cells[c].replace("\"", "\"\"")).append('"');
        csv.append(c == 0 ? "," : "\n");
      }
      Path file = write("q.csv", csv.toString());
      DelimitedRows.COMMAS.read(
          file.toString(),
          row -> assertThat(row.cells()).containsEntry("x", cells[0]).containsEntry("y", cells[1]));
    }
    Path open = write("open.csv", "x\n\"never closed\n");
    assertThatThrownBy(() -> DelimitedRows.COMMAS.read(open.toString(), row -> {}))
        .hasMessageContaining("open.csv: line 2: expected a closing quote");
  }

  @Test
  void aLabelThatIsNoClassIsAnErrorOrCountedAsTheConfigurationSays() throws IOException {
    Path file = write("l.tsv", "a\tb\tgold\twho\nx\ty\tpos\tw\nx\ty\tmaybe\tw\n \ty\tneg\tw\n");
    assertThatThrownBy(() -> read(file, Source.TSV))
        .hasMessageContaining("l.tsv: line 3: expected one of data.labels [neg, pos]")
        .hasMessageContaining("\"maybe\"");
    RecordLog log = new RecordLog();
    RecordFormat skipping = format(RecordFormat.BadRecords.SKIP);
    assertThat(TextSource.read(file.toString(), Source.TSV, skipping, log)).hasSize(1);
    assertThat(log.used()).isEqualTo(1);
    assertThat(log.lines())
        .containsExactly(
            "1 records left out: a label that is no class (first: " + file + ": line 3)",
            "1 records left out: no text (first: " + file + ": line 4)");
  }

  @Test
  void valuesAreReadForRegressionAndResponsesForInstructions() throws IOException {
    Path file = write("v.jsonl", "{\"text\":\"t\",\"label\":2.5}\n{\"text\":\"u\",\"label\":-1}\n");
    RecordFormat value = RecordFormat.usual(RecordFormat.TargetKind.VALUE);
    assertThat(TextSource.read(file.toString(), Source.JSONL, value))
        .extracting(TextRecord::target)
        .containsExactly(new Target.Value(2.5), new Target.Value(-1));
    Path bad = write("w.jsonl", "{\"text\":\"t\",\"label\":\"NaN\"}\n");
    assertThatThrownBy(() -> TextSource.read(bad.toString(), Source.JSONL, value))
        .hasMessageContaining("line 1: expected a finite number");
    RecordFormat.Columns columns =
        new RecordFormat.Columns(
            Optional.of("prompt"),
            Optional.empty(),
            Optional.of("answer"),
            Optional.empty(),
            Optional.empty());
    RecordFormat instructions =
        new RecordFormat(
            columns,
            List.of(),
            RecordFormat.TargetKind.CLASS,
            RecordFormat.BadRecords.FAIL,
            QUESTIONS);
    Path pairs = write("i.jsonl", "{\"prompt\":\"p\",\"answer\":\"r\"}\n");
    TextRecord record = TextSource.read(pairs.toString(), Source.JSONL, instructions).get(0);
    assertThat(record.text()).isEqualTo("p");
    assertThat(record.text2()).isEqualTo("r");
    assertThat(record.target()).isInstanceOf(Target.Response.class);
  }
}
