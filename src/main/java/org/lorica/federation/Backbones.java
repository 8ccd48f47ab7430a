package org.lorica.federation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lorica.config.RunConfig;
import org.lorica.data.HubCache;
import org.lorica.model.LoadOptions;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.tensor.FastestKernels;

/**
 * Frozen models of this JVM, loaded once however many runs use them; the two used last are kept.
 */
final class Backbones {
  private static final LastUsed<Folder, Model> SHARED = new LastUsed<>(2);

  private Backbones() {}

  /** A folder as it is now: a model written anew is another one. */
  private record Folder(Path path, String weights, LoadOptions options) {}

  /** The model that a configuration names, fetched if it must be. */
  static Model shared(RunConfig config, LoadOptions options) {
    return shared(new HubCache(config.hub()).localModel(config.model().path()).toString(), options);
  }

  /** A folder of this machine. */
  static Model shared(String path) {
    return shared(path, LoadOptions.AS_STORED);
  }

  static Model shared(String path, LoadOptions options) {
    Path folder = Path.of(path).toAbsolutePath().normalize();
    return SHARED.computeIfAbsent(
        new Folder(folder, stamp(weights(folder)), options),
        () -> Models.load(folder, FastestKernels.here(), options));
  }

  private static Path weights(Path place) {
    return Files.isDirectory(place) ? place.resolve("model.safetensors") : place;
  }

  private static String stamp(Path weights) {
    try {
      return Files.exists(weights)
          ? Files.size(weights) + " bytes of " + Files.getLastModifiedTime(weights)
          : "none"; // the loader says what is missing, or reads its shards
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
