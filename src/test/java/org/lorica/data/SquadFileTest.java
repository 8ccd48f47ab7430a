package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.RecordFormat;

class SquadFileTest {
  @TempDir private Path dir;

  private String file(String questions) throws IOException {
    String text =
        """
        {"version": "v2.0", "data": [{"title": "Rivers", "paragraphs": [
          {"context": "😀 The Elbe is long.", "qas": [%s]}]}]}
        """
            .formatted(questions);
    return Files.writeString(dir.resolve("squad.json"), text).toString();
  }

  @Test
  void answersStandWhereTheFileSaysCountedInCharacters() throws IOException {
    String file =
        file(
            "{\"id\":\"a\",\"question\":\" Which? \",\"answers\":"
                + "[{\"text\":\"Elbe\",\"answer_start\":6},{\"text\":\"The Elbe\",\"answer_start\":2}]},"
                + "{\"id\":\"b\",\"question\":\"Who?\",\"is_impossible\":true,\"answers\":[]}");
    List<TextRecord> records = SquadFile.read(file, RecordFormat.BadRecords.FAIL, new RecordLog());
    Question first = ((Target.Answers) records.get(0).target()).question();
    assertThat(first.text()).isEqualTo("Which?");
    assertThat(first.answers())
        .containsExactly(new Question.Answer("Elbe", 7), new Question.Answer("The Elbe", 3));
    assertThat(((Target.Answers) records.get(1).target()).question().answers()).isEmpty();
    assertThat(records).extracting(TextRecord::client).containsOnly("Rivers");
  }

  @Test
  void aMisplacedAnswerIsAnErrorOrCounted() throws IOException {
    String file =
        file(
            "{\"id\":\"a\",\"question\":\"Which?\",\"answers\":"
                + "[{\"text\":\"Oder\",\"answer_start\":6}]},"
                + "{\"id\":\"b\",\"question\":\"Who?\",\"is_impossible\":true,\"answers\":[]}");
    RecordLog log = new RecordLog();
    assertThatThrownBy(() -> SquadFile.read(file, RecordFormat.BadRecords.FAIL, log))
        .hasMessageContaining("squad.json: question a")
        .hasMessageContaining("\"Oder\"");
    assertThat(SquadFile.read(file, RecordFormat.BadRecords.SKIP, log)).hasSize(1);
    assertThat(log.skipped()).isEqualTo(1);
  }

  @Test
  void whatIsNoSquadFileIsNamed() throws IOException {
    Path list = Files.writeString(dir.resolve("list.json"), "[1]");
    assertThatThrownBy(
            () -> SquadFile.read(list.toString(), RecordFormat.BadRecords.FAIL, new RecordLog()))
        .hasMessageContaining("list.json: expected a SQuAD file");
    String file = file("{\"id\":\"a\",\"question\":\"Which?\",\"answers\":[]}");
    assertThatThrownBy(() -> SquadFile.read(file, RecordFormat.BadRecords.FAIL, new RecordLog()))
        .hasMessageContaining("question a")
        .hasMessageContaining("is_impossible");
  }
}
