package org.lorica.report.mlflow;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Where an MLflow server is and how to be let in.
 *
 * @param address without a slash at its end
 * @param authorization value of that header; empty where the server wants none
 */
public record TrackingServer(URI address, Optional<String> authorization) {

  /**
   * The server that a configuration and an environment name, as MLflow's own clients read it:
   * {@code MLFLOW_TRACKING_URI}, {@code MLFLOW_TRACKING_TOKEN} or {@code MLFLOW_TRACKING_USERNAME}
   * and {@code _PASSWORD}; for {@code databricks}, {@code DATABRICKS_HOST} and {@code
   * DATABRICKS_TOKEN}.
   *
   * @param configured wins over the environment's address
   * @return empty where neither names one
   * @throws IllegalArgumentException if the address is no web address, or a workspace lacks its
   *     host or token
   */
  public static Optional<TrackingServer> of(
      Optional<String> configured, Map<String, String> environment) {
    Optional<String> found =
        configured.or(() -> Optional.ofNullable(environment.get("MLFLOW_TRACKING_URI")));
    return found
        .map(String::strip)
        .filter(uri -> !uri.isEmpty())
        .map(uri -> uri.startsWith("databricks") ? workspace(environment) : web(uri, environment));
  }

  private static TrackingServer workspace(Map<String, String> environment) {
    String host = environment.getOrDefault("DATABRICKS_HOST", "");
    String token = environment.getOrDefault("DATABRICKS_TOKEN", "");
    if (host.isBlank() || token.isBlank()) {
      throw new IllegalArgumentException(
          "DATABRICKS_HOST and DATABRICKS_TOKEN must be set for tracking.mlflow.uri = databricks, "
              + (host.isBlank() ? "DATABRICKS_HOST" : "DATABRICKS_TOKEN")
              + " is not");
    }
    return new TrackingServer(
        trimmed(host.contains("://") ? host : "https://" + host), Optional.of("Bearer " + token));
  }

  private static TrackingServer web(String uri, Map<String, String> environment) {
    if (!uri.matches("https?://.+")) {
      throw new IllegalArgumentException(
          "MLFLOW_TRACKING_URI must begin with http:// or https://, or be databricks, got "
              + uri
              + "; unset it to run without tracking");
    }
    String token = environment.getOrDefault("MLFLOW_TRACKING_TOKEN", "");
    String user = environment.getOrDefault("MLFLOW_TRACKING_USERNAME", "");
    if (!token.isBlank()) {
      return new TrackingServer(trimmed(uri), Optional.of("Bearer " + token));
    }
    if (user.isBlank()) {
      return new TrackingServer(trimmed(uri), Optional.empty());
    }
    String both = user + ":" + environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
    String encoded = Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    return new TrackingServer(trimmed(uri), Optional.of("Basic " + encoded));
  }

  private static URI trimmed(String uri) {
    try {
      return URI.create(uri.replaceAll("/+$", ""));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the MLflow server's address must be a web address, got " + uri, e);
    }
  }

  /** Never with what lets in. */
  @Override
  public String toString() {
    String port = address.getPort() < 0 ? "" : ":" + address.getPort();
    return address.getScheme() + "://" + address.getHost() + port;
  }
}
