package org.lorica.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lorica.config.LoadedConfig;
import org.lorica.report.RunFolder;

/** What a cell of a grid leaves beside {@code cell.json}. */
final class CellFiles {
  private CellFiles() {}

  /** {@code configuration.json}, {@code rounds.jsonl} and {@code privacy.json}. */
  static void write(Path folder, LoadedConfig config, FederatedRun run) {
    try {
      Files.writeString(folder.resolve("configuration.json"), config.resolvedHocon() + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write under " + folder, e);
    }
    RunFolder files = RunFolder.at(folder);
    run.rounds().forEach(files::append);
    files.writePrivacy(run.privacy());
  }
}
