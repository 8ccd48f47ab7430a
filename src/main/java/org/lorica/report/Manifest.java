package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code manifest.json}: what is needed to run it again.
 *
 * @param startTime ISO 8601, UTC
 * @param configuration every setting after all levels were merged
 */
public record Manifest(
    Status status,
    String startTime,
    long seed,
    List<String> commandLine,
    Map<String, String> versions,
    JsonNode configuration) {
  public enum Status {
    RUNNING,
    COMPLETE,
    FAILED
  }

  public Manifest {
    commandLine = List.copyOf(commandLine);
    versions = Collections.unmodifiableMap(new TreeMap<>(versions));
  }

  /**
   * A manifest of a run that starts now.
   *
   * @param resolvedConfiguration JSON text, {@code LoadedConfig.resolvedHocon()}
   * @param versions of libraries, such as spark; lorica and java are added
   */
  public static Manifest started(
      Instant now,
      long seed,
      List<String> commandLine,
      Map<String, String> versions,
      String resolvedConfiguration) {
    Map<String, String> all = new TreeMap<>(versions);
    String lorica = Manifest.class.getPackage().getImplementationVersion();
    all.putIfAbsent("lorica", lorica == null ? "dev" : lorica);
    all.putIfAbsent("java", Runtime.version().toString());
    return new Manifest(
        Status.RUNNING, now.toString(), seed, commandLine, all, Json.tree(resolvedConfiguration));
  }

  public Manifest with(Status newStatus) {
    return new Manifest(newStatus, startTime, seed, commandLine, versions, configuration);
  }
}
