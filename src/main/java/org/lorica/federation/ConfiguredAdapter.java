package org.lorica.federation;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.lorica.config.ModelConfig;
import org.lorica.config.RunConfig;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.lora.LoraRanks;
import org.lorica.lora.PeftAdapter;
import org.lorica.lora.Role;
import org.lorica.lora.TargetModules;
import org.lorica.model.Model;
import org.lorica.random.RandomKey;

/** The adapter that a configuration puts on a model: what it is made of, its start, its export. */
final class ConfiguredAdapter {
  private final RunConfig config;
  private final Model model;
  private final AdapterLayout layout;

  ConfiguredAdapter(RunConfig config, Model model) {
    this.config = config;
    this.model = model;
    List<LoraModule> targets = TargetModules.select(model.linearModules(), targetModules());
    ConfiguredRanks.requireFitting(ranks(), targets);
    List<LoraModule> head =
        config.model().head() == ModelConfig.Head.TRAINED ? model.headModules() : List.of();
    this.layout = new AdapterLayout(targets, head, ranks().of(targets));
  }

  AdapterLayout layout() {
    return layout;
  }

  /** Ranks and alphas as configured, for PEFT's configuration. */
  LoraRanks ranks() {
    return ConfiguredRanks.of(config.lora());
  }

  /**
   * Query and value projections, as the papers and PEFT have it; all layers where there are none.
   */
  static List<String> usualTargets(Model model) {
    List<String> names = model.linearModules().stream().map(LoraModule::name).toList();
    return Stream.of(List.of("q_proj", "v_proj"), List.of("query", "value"))
        .filter(usual -> names.stream().anyMatch(name -> name.endsWith("." + usual.get(0))))
        .findFirst()
        .orElse(names);
  }

  /** The modules that carry an adapter, as suffixes for PEFT's configuration. */
  List<String> targetModules() {
    List<String> wanted = config.lora().targetModules();
    return TargetModules.forPeft(
        model.linearModules(), wanted.isEmpty() ? usualTargets(model) : wanted);
  }

  /**
   * The adapter that round 1 starts from: a fresh one, or the one named by {@code adapter.init}.
   */
  AdapterSet initial(RandomKey key) {
    float[] head = layout.head().isEmpty() ? new float[0] : model.headValues();
    AdapterSet fresh = AdapterInit.fresh(layout, head, key);
    return config.lora().init().map(folder -> imported(Path.of(folder), fresh)).orElse(fresh);
  }

  /** An export brings a frozen head that is not the checkpoint's along; it must be this run's. */
  private AdapterSet imported(Path folder, AdapterSet fresh) {
    AdapterSet own = exported(fresh);
    AdapterSet read = PeftAdapter.read(folder, own);
    if (!read.tensors(Set.of(Role.HEAD)).equals(own.tensors(Set.of(Role.HEAD)))
        && layout.head().isEmpty()) {
      throw new IllegalArgumentException(
          "adapter.init: "
              + folder
              + " must hold this run's own frozen head, drawn from its seed, found another; take"
              + " the seed of the run that wrote it, or model.head = trained");
    }
    return AdapterSet.of(layout, Arrays.copyOf(read.toArray(), layout.size()));
  }

  /**
   * What is exported of an adapter: all of it and, where the frozen head does not come from the
   * checkpoint, the head's values.
   */
  AdapterSet exported(AdapterSet adapter) {
    boolean ownHead = config.model().headStart().init() == ModelConfig.HeadStart.Init.CHECKPOINT;
    if (ownHead || !layout.head().isEmpty() || model.headModules().isEmpty()) {
      return adapter;
    }
    AdapterLayout whole = new AdapterLayout(layout.modules(), model.headModules(), layout.ranks());
    float[] values = adapter.toArray();
    float[] head = model.headValues();
    float[] all = Arrays.copyOf(values, values.length + head.length);
    System.arraycopy(head, 0, all, values.length, head.length);
    return AdapterSet.of(whole, all).withBase(adapter.base());
  }
}
