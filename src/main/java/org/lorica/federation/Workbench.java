package org.lorica.federation;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.lorica.config.ConfigLoader;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.lora.PeftAdapter;
import org.lorica.lora.TargetModules;
import org.lorica.model.FreshHead;
import org.lorica.model.LoadOptions;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.model.Worker;
import org.lorica.random.RandomKey;
import org.lorica.tensor.FastestKernels;

/**
 * What a JVM needs to train clients of one run: the frozen model and the population. Loaded once
 * per JVM and never shipped; an executor builds it from the same configuration as the driver.
 */
public final class Workbench {
  private static final Map<String, Workbench> SHARED = new ConcurrentHashMap<>();

  private final RunConfig config;
  private final Model model;
  private final Population population;
  private final AdapterLayout layout;
  private final ThreadLocal<Worker> workers;

  private Workbench(RunConfig config) {
    this.config = config;
    this.model =
        Models.load(Path.of(config.model().path()), FastestKernels.here(), options(config));
    this.population = Population.load(config, model);
    requireLabels();
    this.layout = layoutOf(config, model);
    this.workers = ThreadLocal.withInitial(() -> model.worker(layout));
  }

  /**
   * This JVM's workbench for a configuration.
   *
   * @param resolved {@link org.lorica.config.LoadedConfig#resolvedHocon}: a text travels, records
   *     with optional parts do not
   */
  public static Workbench shared(String resolved) {
    return SHARED.computeIfAbsent(resolved, text -> new Workbench(ConfigLoader.parse(text)));
  }

  /** Lets go of a run's model and data in this JVM. */
  public static void release(String resolved) {
    SHARED.remove(resolved);
  }

  private static LoadOptions options(RunConfig config) {
    RunConfig.ModelConfig.HeadStart head = config.model().headStart();
    Optional<FreshHead.Start> start =
        switch (head.init()) {
          case CHECKPOINT -> Optional.empty();
          case RANDOM -> Optional.of(FreshHead.Start.RANDOM);
          case ZERO -> Optional.of(FreshHead.Start.ZERO);
        };
    RandomKey key = RandomKey.root(config.general().seed());
    return new LoadOptions(
        config.model().imageSize(), start.map(s -> new FreshHead(s, head.classes(), key)));
  }

  private static AdapterLayout layoutOf(RunConfig config, Model model) {
    RunConfig.LoraConfig lora = config.lora();
    List<String> wanted =
        lora.targetModules().isEmpty() ? usualTargets(model) : lora.targetModules();
    List<LoraModule> targets = TargetModules.select(model.linearModules(), wanted);
    targets.forEach(module -> requireRank(module, lora.rank()));
    List<LoraModule> head =
        config.model().head() == RunConfig.ModelConfig.Head.TRAINED
            ? model.headModules()
            : List.of();
    double divisor =
        lora.scaling() == RunConfig.LoraConfig.Scaling.RANK_STABILIZED
            ? Math.sqrt(lora.rank())
            : lora.rank();
    return new AdapterLayout(targets, head, lora.rank(), lora.alpha() / divisor);
  }

  private static void requireRank(LoraModule module, int rank) {
    int widest = Math.min(module.out(), module.in());
    if (rank > widest) {
      throw new IllegalArgumentException(
          "lora.rank must be <= "
              + widest
              + ", the smaller side of "
              + module.name()
              + " ("
              + module.out()
              + " x "
              + module.in()
              + "), got "
              + rank);
    }
  }

  private void requireLabels() {
    if (model.task() != Model.Task.SEQUENCE_CLASSIFICATION) {
      return;
    }
    for (int client = 0; client < population.clients(); client++) {
      population.examples(client).forEach(e -> requireLabel(e, "data.train"));
    }
    population.test().forEach(e -> requireLabel(e, "the held-out data"));
  }

  private void requireLabel(Example example, String where) {
    if (example.label() < 0 || example.label() >= model.outputs()) {
      throw new IllegalArgumentException(
          where
              + ": every label must be 0 to "
              + (model.outputs() - 1)
              + ", the classes of "
              + config.model().path()
              + ", found "
              + (example.label() == Example.NO_LABEL ? "a record without one" : example.label()));
    }
  }

  /** Query and value projections, as the papers and PEFT have it. */
  static List<String> usualTargets(Model model) {
    return model.task() == Model.Task.CAUSAL_LANGUAGE_MODELLING
        ? List.of("q_proj", "v_proj")
        : List.of("query", "value");
  }

  /** The modules that carry an adapter, as suffixes for PEFT's configuration. */
  public List<String> targetModules() {
    List<String> wanted = config.lora().targetModules();
    return wanted.isEmpty() ? usualTargets(model) : wanted;
  }

  /**
   * The adapter that round 1 starts from: a fresh one, or the one named by {@code adapter.init}.
   */
  public AdapterSet initialAdapter(RandomKey key) {
    float[] head = layout.head().isEmpty() ? new float[0] : model.headValues();
    AdapterSet fresh = AdapterInit.fresh(layout, head, key);
    Function<String, AdapterSet> imported = folder -> PeftAdapter.read(Path.of(folder), fresh);
    return config.lora().init().map(imported).orElse(fresh);
  }

  /**
   * What is exported of an adapter: all of it and, where the frozen head does not come from the
   * checkpoint, the head's values.
   */
  public AdapterSet exported(AdapterSet adapter) {
    boolean ownHead =
        config.model().headStart().init() == RunConfig.ModelConfig.HeadStart.Init.CHECKPOINT;
    if (ownHead || !layout.head().isEmpty() || model.headModules().isEmpty()) {
      return adapter;
    }
    AdapterLayout whole =
        new AdapterLayout(layout.modules(), model.headModules(), layout.rank(), layout.scaling());
    float[] values = adapter.toArray();
    float[] head = model.headValues();
    float[] all = Arrays.copyOf(values, values.length + head.length);
    System.arraycopy(head, 0, all, values.length, head.length);
    return AdapterSet.of(whole, all).withBase(adapter.base());
  }

  public Model model() {
    return model;
  }

  public AdapterLayout layout() {
    return layout;
  }

  public Population population() {
    return population;
  }

  /** This thread's worker. */
  public Worker worker() {
    return workers.get();
  }

  /** Trains one client in this thread. */
  public ClientUpdate train(LocalTask task, Participant participant) {
    List<Example> examples = population.examples(participant.client());
    return new LocalTrainer(worker(), task).train(participant, examples);
  }
}
