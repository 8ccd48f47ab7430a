package org.lorica.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.lorica.config.Grid;
import org.lorica.config.LoadedConfig;
import org.lorica.report.CellResult;

/**
 * Runs the cells of a grid, each at most once: a finished cell is a folder {@code cells/<digest>}
 * with {@code cell.json}, and is read instead of being run again. A cell in work has a name that
 * ends in {@code .incomplete}; what is found under such a name is thrown away. A failed cell leaves
 * no folder, so that the next call tries it again.
 */
final class CellRunner {
  private static final String RESULT = "cell.json";

  private final Path scenario;
  private final List<String> overrides;
  private final Path folder;
  private final BooleanSupplier interrupted;

  /**
   * @param overrides of every cell
   * @param folder where {@code cells/} is
   */
  CellRunner(Path scenario, List<String> overrides, Path folder) {
    this(scenario, overrides, folder, Main::interrupted);
  }

  /**
   * @param interrupted whether the process is ending: what then fails is no cell's fault
   */
  CellRunner(Path scenario, List<String> overrides, Path folder, BooleanSupplier interrupted) {
    this.scenario = scenario;
    this.overrides = List.copyOf(overrides);
    this.interrupted = interrupted;
    this.folder = folder.resolve("cells");
  }

  /** What is done for a cell. */
  interface Work {
    /**
     * Does the work of one cell.
     *
     * @param folder for the cell's own files
     * @return name to number, for the results table
     */
    Map<String, Double> run(LoadedConfig config, Path folder);
  }

  /** The configuration of a cell; throws where the cell's values do not fit together. */
  LoadedConfig configuration(Grid.Cell cell) {
    return Paths.absolute(
        scenario, Stream.concat(overrides.stream(), cell.overrides().stream()).toList());
  }

  /** The result of an earlier call. */
  Optional<CellResult> finished(Grid.Cell cell) {
    try {
      Path file = folder.resolve(Grid.digest(configuration(cell))).resolve(RESULT);
      return Files.exists(file) ? Optional.of(CellResult.read(file)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // said when the cell's turn comes
    }
  }

  /**
   * The cell's result, computed unless there is one already. An error of the cell is its result.
   *
   * @param starting told of a cell that is not there yet
   */
  CellResult run(Grid.Cell cell, Work work, Consumer<Grid.Cell> starting) {
    Optional<CellResult> known = finished(cell);
    if (known.isPresent()) {
      return known.get();
    }
    starting.accept(cell);
    String digest = "";
    try {
      LoadedConfig config = configuration(cell);
      digest = Grid.digest(config);
      Path draft = folder.resolve(digest + ".incomplete");
      new FolderTree(draft).delete();
      Files.createDirectories(draft);
      Map<String, Double> figures = work.run(config, draft);
      CellResult result =
          new CellResult(digest, CellResult.Status.DONE, "", cell.settings(), figures);
      result.write(draft.resolve(RESULT));
      Files.move(draft, folder.resolve(digest));
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write under " + folder, e); // no cell could
    } catch (RuntimeException e) {
      if (interrupted.getAsBoolean()) {
        throw e;
      }
      return CellResult.failed(digest, cell.settings(), Main.reason(e));
    }
  }
}
