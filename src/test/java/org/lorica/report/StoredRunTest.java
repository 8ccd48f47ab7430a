package org.lorica.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredRunTest {
  @TempDir private Path dir;

  @Test
  void readsWhatRunFolderWrites() throws IOException {
    RunFolder folder = RunFolder.create(dir, "x");
    folder.append(Samples.round(1, 2));
    folder.append(Samples.round(2, 2));
    folder.writePrivacy(Samples.privacy(java.util.OptionalDouble.of(2)));
    Files.writeString(folder.path().resolve("manifest.json"), "{}");
    StoredRun run = StoredRun.read(folder.path());
    assertThat(run.rounds()).hasSize(2);
    assertThat(run.last("quality.testLoss")).isEqualTo(2.312);
    assertThat(run.last("epsilon")).isEqualTo(2.1);
    assertThat(run.phases()).containsExactlyInAnyOrder("train", "aggregate");
    assertThat(run.name()).doesNotContain("incomplete");
  }

  @Test
  void aLineThatIsBeingWrittenIsNoRoundYet() throws IOException {
    Path folder = SampleFolders.run(dir.resolve("r"), "fedask", "8", 0.4);
    Files.writeString(
        folder.resolve("rounds.jsonl"), "{\"round\":4,\"rou", StandardOpenOption.APPEND);
    assertThat(StoredRun.read(folder).rounds()).hasSize(3);
  }

  @Test
  void aBrokenLineIsNamed() throws IOException {
    Path folder = SampleFolders.run(dir.resolve("r"), "fedask", "8", 0.4);
    Files.writeString(folder.resolve("rounds.jsonl"), "{\"round\":1}\n{half\n");
    assertThatThrownBy(() -> StoredRun.read(folder))
        .hasMessageContaining("rounds.jsonl")
        .hasMessageContaining("line 2");
  }

  @Test
  void aFolderThatIsNoRunIsNamed() {
    assertThatThrownBy(() -> StoredRun.read(dir))
        .hasMessageContaining(dir.toString())
        .hasMessageContaining("manifest.json");
  }
}
