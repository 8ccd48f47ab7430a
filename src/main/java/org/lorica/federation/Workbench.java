package org.lorica.federation;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.lorica.config.ConfigLoader;
import org.lorica.config.RecordFormat;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.model.Model;
import org.lorica.model.Worker;
import org.lorica.random.RandomKey;
import org.lorica.tensor.DeviceException;
import org.lorica.tensor.DeviceMemoryException;
import org.lorica.tensor.Kernels;

/**
 * What a JVM needs to train clients of one run: the frozen model and the population. Loaded once
 * per JVM and never shipped; an executor builds it from the same configuration as the driver.
 */
public final class Workbench {
  private static final int SAMPLED_CLIENTS = 1000;

  /** An executor is never told that a run is over: what it used longest ago gives way. */
  private static final LastUsed<String, Workbench> SHARED = new LastUsed<>(8);

  private final RunConfig config;

  private final Model model;
  private final Map<Kernels, Model> models = new ConcurrentHashMap<>(); // the same, by device
  private final Population population;
  private final ConfiguredAdapter adapter;
  private final TrainingMeter meter = new TrainingMeter();

  private Workbench(RunConfig config, Function<Model, Population> population) {
    this.config = config;
    this.model = Backbones.shared(config);
    models.put(Backbones.kernels(config), model);
    this.population = population.apply(model);
    requireFitting();
    this.adapter = new ConfiguredAdapter(config, model);
  }

  /**
   * This JVM's workbench for a configuration.
   *
   * @param resolved {@link org.lorica.config.LoadedConfig#resolvedHocon}: a text travels, records
   *     with optional parts do not
   */
  public static Workbench shared(String resolved) {
    return SHARED.computeIfAbsent(resolved, () -> of(ConfigLoader.parse(resolved)));
  }

  /** Loads the model that a configuration names, which its workbench then finds in this JVM. */
  public static void loadModel(RunConfig config) {
    Backbones.shared(config);
  }

  private static Workbench of(RunConfig config) {
    return new Workbench(config, model -> Population.load(config, model));
  }

  /**
   * This JVM's workbench for a configuration whose clients' examples come from elsewhere: it has no
   * population, and trains by {@link #train(LocalTask, Participant, List)}.
   */
  public static Workbench withoutData(String resolved) {
    return SHARED.computeIfAbsent(
        "without data: " + resolved,
        () -> new Workbench(ConfigLoader.parse(resolved), model -> new SizedPopulation(List.of())));
  }

  /** A workbench over clients that no configuration describes. */
  public static Workbench over(RunConfig config, Population population) {
    return new Workbench(config, model -> population);
  }

  /** Lets go of a run's model and data in this JVM. */
  public static void release(String resolved) {
    SHARED.remove(resolved);
  }

  private void requireFitting() {
    Backbones.requireOrder(config, population.labels());
    ExampleCheck check = new ExampleCheck(model, config.model());
    population.pool().forEach(e -> check.require(e, "data.train"));
    population.test().forEach(e -> check.require(e, "the held-out data"));
  }

  /**
   * Model and data summed up in a line, without reading every record again: shapes, numbers of
   * records of some clients, and the loss of the untrained adapter to five digits (another CPU may
   * round otherwise), in which every weight and every held-out record has its share.
   */
  public String inventory(Evaluation start) {
    StringBuilder text = new StringBuilder();
    text.append(layout())
        .append('|')
        .append(model.parameters())
        .append('|')
        .append(start.examples());
    text.append(String.format(Locale.ROOT, "|%.4e", start.loss()));
    int clients = population.clients();
    text.append('|').append(clients);
    int sampled = Math.min(clients, SAMPLED_CLIENTS);
    for (int i = 0; i < sampled; i++) {
      text.append('|').append(population.size((int) ((long) i * clients / sampled)));
    }
    return text.toString();
  }

  public Model model() {
    return model;
  }

  /** How answers to questions are chosen. */
  RecordFormat.Questions questions() {
    return config.data().format().questions();
  }

  public AdapterLayout layout() {
    return adapter.layout();
  }

  /** The adapter on the model, as configured. */
  ConfiguredAdapter adapter() {
    return adapter;
  }

  /**
   * The adapter that round 1 starts from: a fresh one, or the one named by {@code adapter.init}.
   */
  public AdapterSet initialAdapter(RandomKey key) {
    return adapter.initial(key);
  }

  public Population population() {
    return population;
  }

  /** Does a piece of work with a worker on the device that this thread is bound to. */
  public <T> T withWorker(Function<Worker, T> work) {
    Kernels kernels = Backbones.kernels(config);
    Model here = models.computeIfAbsent(kernels, device -> Backbones.shared(config));
    return Workers.shared()
        .lend(
            here,
            layout(),
            worker -> {
              try {
                return work.apply(worker);
              } finally {
                kernels.finish(); // the next thread has another stream
              }
            });
  }

  /**
   * Trains one client in this thread. A client whose training fails drops out of the round.
   *
   * @throws UncheckedIOException if a file could not be read: the machine's fault, not the client's
   */
  public ClientUpdate train(LocalTask task, Participant participant) {
    return train(task, participant, () -> population.examples(participant.client()));
  }

  /** Trains one client on given examples in this thread; it may drop out as well. */
  public ClientUpdate train(LocalTask task, Participant participant, List<Example> examples) {
    return train(task, participant, () -> examples);
  }

  /**
   * Trains some clients in lock-step in this thread. If that fails, each is trained alone, so that
   * one client's failure is its own.
   */
  public List<ClientUpdate> train(LocalTask task, List<Participant> group) {
    return group.size() == 1 ? List.of(train(task, group.get(0))) : trainTogether(task, group);
  }

  private List<ClientUpdate> trainTogether(LocalTask task, List<Participant> group) {
    meter.begin();
    long begin = System.nanoTime();
    List<ClientUpdate> updates;
    try {
      List<LocalTrainer.Client> clients =
          group.stream()
              .map(p -> new LocalTrainer.Client(p, population.examples(p.client())))
              .toList();
      updates = withWorker(worker -> new LocalTrainer(worker, task).train(clients));
      meter.add(System.nanoTime() - begin);
    } catch (UncheckedIOException e) {
      throw e;
    } catch (RuntimeException e) {
      if (e instanceof DeviceException && !(e instanceof DeviceMemoryException)) {
        throw e;
      }
      return group.stream().map(participant -> train(task, participant)).toList();
    }
    return updates.stream()
        .map(update -> ClientDrop.guard(task, update.participant(), () -> update))
        .map(this::counted)
        .toList();
  }

  /** The cohort in groups that train in lock-step; a function of the two arguments alone. */
  public static List<List<Participant>> groups(List<Participant> cohort, int lanes) {
    List<List<Participant>> groups = new ArrayList<>();
    for (int from = 0; from < cohort.size(); from += lanes) {
      groups.add(List.copyOf(cohort.subList(from, Math.min(cohort.size(), from + lanes))));
    }
    return groups;
  }

  private ClientUpdate train(
      LocalTask task, Participant participant, Supplier<List<Example>> examples) {
    meter.begin();
    long begin = System.nanoTime();
    ClientUpdate update =
        ClientDrop.guard(
            task,
            participant,
            () ->
                withWorker(
                    worker -> new LocalTrainer(worker, task).train(participant, examples.get())));
    meter.add(System.nanoTime() - begin);
    return counted(update);
  }

  private ClientUpdate counted(ClientUpdate update) {
    meter.count(update);
    return update;
  }

  /** What this JVM has trained with this workbench. */
  public TrainingMeter meter() {
    return meter;
  }
}
