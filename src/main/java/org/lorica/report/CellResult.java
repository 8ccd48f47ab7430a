package org.lorica.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What became of one cell of a grid; {@code cell.json}.
 *
 * @param digest of the cell's whole configuration
 * @param message why it failed; empty otherwise
 * @param settings key to value, in the order of the grid's axes
 * @param figures name to number
 */
public record CellResult(
    String digest,
    Status status,
    String message,
    Map<String, String> settings,
    Map<String, Double> figures) {

  /** How a cell ended. */
  public enum Status {
    DONE,
    FAILED
  }

  public CellResult {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
  }

  /** A cell that ended in an error. */
  public static CellResult failed(String digest, Map<String, String> settings, String message) {
    return new CellResult(digest, Status.FAILED, message, settings, Map.of());
  }

  public boolean done() {
    return status == Status.DONE;
  }

  /** Writes {@code file}, which must not exist. */
  public void write(Path file) {
    try {
      Files.writeString(file, Json.pretty(this));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** Reads what {@link #write} wrote. */
  public static CellResult read(Path file) {
    try {
      return new ObjectMapper().readValue(file.toFile(), CellResult.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + ": expected a cell's result, found " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
