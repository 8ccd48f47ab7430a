package org.lorica.config;

import static org.lorica.config.Checks.check;

import java.util.Optional;

/**
 * lorica.hub.{endpoint, cache, offline}: where {@code hf://} names are fetched from and kept.
 *
 * @param endpoint address of a server with the hub's layout; empty = only the cache is used
 * @param cache folder; empty = {@code .cache/lorica/hub} in the user's home
 */
public record HubConfig(Optional<String> endpoint, Optional<String> cache, Network network) {
  /** Whether the server may be asked. */
  public enum Network {
    ONLINE,
    OFFLINE
  }

  public HubConfig {
    endpoint.ifPresent(
        address ->
            check(
                address.matches("https?://[^\\s?#]+"),
                "lorica.hub.endpoint",
                "an http(s):// address",
                '"' + address + '"'));
  }
}
