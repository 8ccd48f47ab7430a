package org.lorica.federation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.lorica.config.ModelConfig;
import org.lorica.config.RunConfig;
import org.lorica.data.HubCache;
import org.lorica.model.ClassNames;
import org.lorica.model.FreshHead;
import org.lorica.model.LoadOptions;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.random.RandomKey;
import org.lorica.tensor.Device;
import org.lorica.tensor.FastestKernels;
import org.lorica.tensor.Kernels;

/**
 * Frozen models of this JVM, loaded once a device however many runs use them; the two used last are
 * kept there.
 */
final class Backbones {
  private static final Map<Kernels, LastUsed<Folder, Model>> SHARED = new ConcurrentHashMap<>();

  private Backbones() {}

  /** A folder as it is now: a model written anew is another one. */
  private record Folder(Path path, String weights, LoadOptions options) {}

  /** The model that a configuration names, fetched if it must be. */
  static Model shared(RunConfig config) {
    return shared(place(config).toString(), options(config), kernels(config));
  }

  private static Path place(RunConfig config) {
    return new HubCache(config.hub()).localModel(config.model().path());
  }

  /** Refuses data whose classes are those of the checkpoint's head in another order. */
  static void requireOrder(RunConfig config, List<String> labels) {
    if (config.model().headStart().init() == ModelConfig.HeadStart.Init.CHECKPOINT) {
      ClassNames.requireOrder(place(config), labels, "data.labels");
    }
  }

  private static LoadOptions options(RunConfig config) {
    ModelConfig.HeadStart head = config.model().headStart();
    Optional<FreshHead.Start> start =
        switch (head.init()) {
          case CHECKPOINT -> Optional.empty();
          case RANDOM -> Optional.of(FreshHead.Start.RANDOM);
          case ZERO -> Optional.of(FreshHead.Start.ZERO);
        };
    RandomKey key = RandomKey.root(config.general().seed());
    return new LoadOptions(
        config.model().imageSize(),
        start.map(s -> new FreshHead(s, head.classes(), key)),
        head.task().map(Backbones::task),
        switch (config.model().family()) {
          case AUTO -> LoadOptions.Family.AUTO;
          case TRANSFORMERS -> LoadOptions.Family.TRANSFORMERS;
          case DL4J -> LoadOptions.Family.DL4J;
        });
  }

  private static Model.Task task(ModelConfig.HeadStart.Task wanted) {
    return switch (wanted) {
      case SEQUENCE_CLASSIFICATION -> Model.Task.SEQUENCE_CLASSIFICATION;
      case REGRESSION -> Model.Task.REGRESSION;
      case QUESTION_ANSWERING -> Model.Task.QUESTION_ANSWERING;
      case CAUSAL_LM -> Model.Task.CAUSAL_LANGUAGE_MODELLING;
    };
  }

  /** The kernels that a configuration asks for, of the device that this thread is bound to. */
  static Kernels kernels(RunConfig config) {
    return FastestKernels.on(
            switch (config.general().device()) {
              case AUTO -> Device.AUTO;
              case CPU -> Device.CPU;
              case CUDA -> Device.CUDA;
            })
        .kernels();
  }

  /** The model below an adapter, on its device. */
  static Model shared(ScoredModel model) {
    return shared(model.path(), model.options(), FastestKernels.on(model.device()).kernels());
  }

  private static Model shared(String path, LoadOptions options, Kernels kernels) {
    Path folder = Path.of(path).toAbsolutePath().normalize();
    return SHARED
        .computeIfAbsent(kernels, k -> new LastUsed<>(2))
        .computeIfAbsent(
            new Folder(folder, stamp(weights(folder)), options),
            () -> Models.load(folder, kernels, options));
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
