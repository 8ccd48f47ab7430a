package org.lorica.federation;

import java.util.List;
import java.util.stream.IntStream;
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
    return PooledPopulation.load(config, model);
  }

  /** Number of registered clients. */
  int clients();

  /** Number of examples of a client; public. */
  int size(int client);

  /** Every size that some client has, each once. */
  IntStream sizes();

  /** Examples over all clients. */
  long records();

  /** Whether an example may belong to several clients. */
  boolean overlapping();

  /** All examples that clients may hold, each once. */
  List<Example> pool();

  /** A client's examples. */
  List<Example> examples(int client);

  /** Held-out examples, seen by no client. */
  List<Example> test();

  /** Names of the classes in label order; empty where there are none. */
  List<String> labels();

  /** What was left out or cut while the data was read, a line each. */
  default List<String> notes() {
    return List.of();
  }
}
