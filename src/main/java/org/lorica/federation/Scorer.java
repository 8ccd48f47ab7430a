package org.lorica.federation;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.data.ImageShape;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.lora.PeftAdapter;
import org.lorica.lora.PeftConfig;
import org.lorica.lora.TargetModules;
import org.lorica.model.Model;
import org.lorica.model.Predictions;
import org.lorica.model.Worker;
import org.lorica.random.RandomKey;

/** A trained adapter at work: predictions without a population. The backbone is this JVM's own. */
public final class Scorer {
  private final Model model;
  private final AdapterSet adapter;

  private Scorer(Model model, AdapterSet adapter) {
    this.model = model;
    this.adapter = adapter;
  }

  /** A scorer of an adapter above the model in {@code modelPath}. */
  public static Scorer of(String modelPath, AdapterSet adapter) {
    return new Scorer(Backbones.shared(modelPath), adapter);
  }

  /** What a configuration's model takes as images; empty for a model of texts. */
  public static Optional<ImageShape> imageOf(RunConfig config) {
    return Backbones.shared(config, Workbench.options(config)).image();
  }

  /** What the model in {@code modelPath} takes as images; empty for a model of texts. */
  public static Optional<ImageShape> imageOf(String modelPath) {
    return Backbones.shared(modelPath).image();
  }

  /** Reads a PEFT adapter whose layout is what its own configuration says. */
  public static AdapterSet read(String modelPath, Path folder) {
    Model model = Backbones.shared(modelPath);
    PeftConfig config = PeftConfig.read(folder);
    List<LoraModule> targets = TargetModules.select(model.linearModules(), config.targetModules());
    List<LoraModule> head =
        config.origin().modulesToSave().isEmpty() ? List.of() : model.headModules();
    AdapterLayout layout = config.layout(targets, head);
    float[] headValues = head.isEmpty() ? new float[0] : model.headValues();
    return PeftAdapter.read(folder, AdapterInit.fresh(layout, headValues, RandomKey.root(0)));
  }

  /** Longest sequence that the model in {@code modelPath} takes, in tokens. */
  public static int maxPositions(String modelPath) {
    return Backbones.shared(modelPath).maxPositions();
  }

  /** Logits, in the order of the examples. */
  public Predictions predict(List<Example> examples) {
    Worker worker = Workbench.seat(model, adapter.layout());
    worker.useBase(adapter.base());
    return worker.predict(adapter.toArray(), examples);
  }
}
