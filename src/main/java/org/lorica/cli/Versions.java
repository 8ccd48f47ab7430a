package org.lorica.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.IVersionProvider;

/** Versions of Lorica and of what it stands on. */
public final class Versions implements IVersionProvider {

  /** Lorica's own version, {@code dev} where it runs from classes. */
  static String lorica() {
    String version = Versions.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }

  /** All versions by name. */
  static Map<String, String> all() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("lorica", lorica());
    versions.put("java", Runtime.version().toString());
    versions.put("spark", org.apache.spark.package$.MODULE$.SPARK_VERSION());
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    return versions;
  }

  @Override
  public String[] getVersion() {
    return all().entrySet().stream()
        .map(e -> e.getKey() + " " + e.getValue())
        .toArray(String[]::new);
  }
}
