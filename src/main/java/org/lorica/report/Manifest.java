package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code manifest.json}: what is needed to run it again.
 *
 * @param startTime ISO 8601, UTC
 * @param configuration every setting after all levels were merged
 * @param resumptions how often the run went on after an interruption
 */
public record Manifest(
    Status status,
    String startTime,
    long seed,
    List<String> commandLine,
    Map<String, String> versions,
    JsonNode configuration,
    List<Resumption> resumptions) {
  public enum Status {
    RUNNING,
    COMPLETE,
    FAILED
  }

  public Manifest {
    commandLine = List.copyOf(commandLine);
    versions = Collections.unmodifiableMap(new TreeMap<>(versions));
    resumptions = List.copyOf(resumptions);
  }

  /**
   * A run that went on.
   *
   * @param time ISO 8601, UTC
   * @param roundsDone before
   * @param versions of what it went on with
   */
  public record Resumption(String time, int roundsDone, Map<String, String> versions) {
    public Resumption {
      versions = Collections.unmodifiableMap(new TreeMap<>(versions));
    }
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
    return new Manifest(
        Status.RUNNING,
        now.toString(),
        seed,
        commandLine,
        completed(versions),
        Json.tree(resolvedConfiguration),
        List.of());
  }

  private static Map<String, String> completed(Map<String, String> versions) {
    Map<String, String> all = new TreeMap<>(versions);
    String lorica = Manifest.class.getPackage().getImplementationVersion();
    all.putIfAbsent("lorica", lorica == null ? "dev" : lorica);
    all.putIfAbsent("java", Runtime.version().toString());
    return all;
  }

  /** The manifest of a run that goes on now, after {@code roundsDone} rounds. */
  public Manifest resumed(Instant now, int roundsDone, Map<String, String> newVersions) {
    List<Resumption> all = new ArrayList<>(resumptions);
    all.add(new Resumption(now.toString(), roundsDone, completed(newVersions)));
    return new Manifest(Status.RUNNING, startTime, seed, commandLine, versions, configuration, all);
  }

  public Manifest with(Status newStatus) {
    return new Manifest(
        newStatus, startTime, seed, commandLine, versions, configuration, resumptions);
  }

  /** The configuration as one line of JSON, {@code LoadedConfig.resolvedHocon()} of its run. */
  public String resolvedConfiguration() {
    return configuration.toString();
  }

  static Manifest parse(String json) {
    return Json.read(json, Manifest.class);
  }
}
