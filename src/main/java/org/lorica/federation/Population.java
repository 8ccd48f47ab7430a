package org.lorica.federation;

import java.util.List;
import java.util.Locale;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.model.Model;

/** The clients of a run and the held-out examples. */
public interface Population {

  /**
   * The population that a configuration describes, for a model.
   *
   * @throws IllegalArgumentException if the data cannot be read, or are texts where the model takes
   *     images, or images where it takes texts
   */
  static Population load(RunConfig config, Model model) {
    boolean images = config.data().source().images();
    if (images != model.image().isPresent()) {
      throw new IllegalArgumentException(
          "lorica.data.source must hold "
              + (images ? "texts" : "images")
              + ", which is what the model in "
              + config.model().path()
              + " takes, got "
              + config.data().source().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    return images
        ? ImagePopulation.load(config, model.image().orElseThrow())
        : TextPopulation.load(config);
  }

  /** Number of registered clients. */
  int clients();

  /** Number of examples of a client; public. */
  int size(int client);

  /** A client's examples. */
  List<Example> examples(int client);

  /** Held-out examples, seen by no client. */
  List<Example> test();

  /** Names of the classes in label order; empty where there are none. */
  List<String> labels();

  /** What a run's summary should say about the data, a line each. */
  default List<String> notes() {
    return List.of();
  }
}
