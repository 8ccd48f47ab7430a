package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.config.DataConfig.Source;
import org.lorica.config.RecordFormat;

class TextSourceTest {
  @TempDir private Path dir;

  private String file(String name, String content) throws IOException {
    return Files.writeString(dir.resolve(name), content).toString();
  }

  @Test
  void readsTabsAndJsonLinesInFileOrder() throws IOException {
    assertThat(TextSource.read(file("a.tsv", "label\tsentence\n2\tone two\n0\tthree\n")))
        .containsExactly(new TextRecord("one two", 2, ""), new TextRecord("three", 0, ""));
    assertThat(TextSource.read(file("b.tsv", "sentence\nno label\n")))
        .containsExactly(new TextRecord("no label", Example.NO_LABEL, ""));
    assertThat(
            TextSource.read(file("a.jsonl", "{\"text\":\"x\",\"label\":1}\n\n{\"text\":\"y\"}\n")))
        .containsExactly(new TextRecord("x", 1, ""), new TextRecord("y", Example.NO_LABEL, ""));
    assertThat(
            TextSource.read(
                file("r.jsonl", "{\"client\":\"A\",\"utterances\":[\"p\",\"q\"]}\n"),
                Source.ROLES,
                RecordFormat.usual(RecordFormat.TargetKind.CLASS)))
        .containsExactly(
            new TextRecord("p", Example.NO_LABEL, "A"), new TextRecord("q", Example.NO_LABEL, "A"));
  }

  @ParameterizedTest(name = "{0}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "a.tsv | words>label~a>1 | line 2: expected a column \"text\" or \"sentence\"",
        "b.tsv | sentence>label~abc>x | line 2: expected a label, a whole number >= 0 (for names set data.labels; predict and evaluate: --labels), found \"x\"",
        "c.tsv | sentence>label~abc>-1 | line 2: expected a label",
        "d.tsv | sentence>label~abc | line 2: expected 2 tab-separated columns, found 1 columns",
        "e.tsv | sentence>label | expected at least one record, found none",
        "i.tsv | sentence>label>label~abc>1>0 | line 1: expected columns of different names",
        "f.jsonl | {'text':'a'}~nope | line 2: expected a JSON object, found nope",
        "g.jsonl | {'txt':'a'} | line 1: expected a column \"text\"",
        "h.txt | a | expected a file that ends with .tsv, .csv, .jsonl or .parquet"
      })
  void aBadFileIsNamedWithLineExpectationAndFinding(String name, String content, String message)
      throws IOException {
    String file =
        file(name, content.replace('>', '\t').replace('~', '\n').replace('\'', '"') + "\n");
    assertThatThrownBy(() -> TextSource.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(message);
  }

  @Test
  void aMissingFileAndForeignBytesAreNamed() throws IOException {
    assertThatThrownBy(() -> TextSource.read(dir.resolve("no.tsv").toString()))
        .hasMessageContaining("no such data file");
    Path latin1 = Files.write(dir.resolve("l.tsv"), new byte[] {'s', (byte) 0xE9, '\n'});
    assertThatThrownBy(() -> TextSource.read(latin1.toString())).hasMessageContaining("UTF-8");
  }
}
