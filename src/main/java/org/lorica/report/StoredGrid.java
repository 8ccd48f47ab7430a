package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The finished cells of a sweep or a comparison: files {@code cells/<digest>/cell.json}. */
public record StoredGrid(Path folder, List<Cell> cells) {

  public StoredGrid {
    cells = List.copyOf(cells);
  }

  /**
   * One cell.
   *
   * @param settings of the grid's axes, keys without {@code lorica.}
   * @param figures name to number
   */
  public record Cell(Map<String, String> settings, Map<String, Double> figures) {
    public Cell {
      settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
      figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    }
  }

  /** Whether a folder looks like one of a sweep or a comparison. */
  public static boolean isGrid(Path folder) {
    return Files.isDirectory(folder.resolve("cells"));
  }

  /** Reads the finished cells; those in work are passed over. */
  public static StoredGrid read(Path folder) {
    List<Cell> cells = new ArrayList<>();
    try (Stream<Path> folders = Files.list(folder.resolve("cells"))) {
      for (Path cell : folders.sorted().toList()) {
        Path file = cell.resolve("cell.json");
        if (!cell.toString().endsWith(RunFolder.INCOMPLETE) && Files.exists(file)) {
          cells.add(cell(file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + folder + ": " + e.getMessage(), e);
    }
    if (cells.isEmpty()) {
      throw new IllegalArgumentException(
          folder + ": expected finished cells, found none in cells/");
    }
    return new StoredGrid(folder, cells);
  }

  private static Cell cell(Path file) throws IOException {
    JsonNode tree;
    try {
      tree = Json.tree(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
    Map<String, String> settings = new LinkedHashMap<>();
    tree.path("settings")
        .properties()
        .forEach(
            s -> settings.put(s.getKey().replaceFirst("^lorica\\.", ""), s.getValue().asText()));
    Map<String, Double> figures = new LinkedHashMap<>();
    tree.path("figures")
        .properties()
        .forEach(
            f ->
                figures.put(
                    f.getKey(), f.getValue().isNumber() ? f.getValue().asDouble() : Double.NaN));
    return new Cell(settings, figures);
  }

  /** The folder's name. */
  public String name() {
    return folder.toAbsolutePath().normalize().getFileName().toString();
  }
}
