package org.lorica.report.mlflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * {@code mlflow.json} of a run folder: which run of which server keeps this one, so that a resumed
 * run goes on there.
 *
 * @param server as {@link TrackingServer#toString} names it, without what lets in
 * @param runId the server's own
 */
public record TrackedRunFile(String server, String runId) {
  /** Name in a run folder. */
  public static final String NAME = "mlflow.json";

  /** What a folder's file says; empty where there is none. */
  public static Optional<TrackedRunFile> read(Path folder) {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode json = new ObjectMapper().readTree(Files.readString(file));
      if (!json.path("server").isTextual() || !json.path("runId").isTextual()) {
        throw new IllegalArgumentException(
            file + ": expected texts server and runId, found " + json);
      }
      return Optional.of(
          new TrackedRunFile(json.path("server").asText(), json.path("runId").asText()));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + ": expected JSON, found " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
