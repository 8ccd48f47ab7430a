package org.lorica.federation;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.data.ImageShape;
import org.lorica.lora.AdapterSet;
import org.lorica.model.Model;
import org.lorica.model.Predictions;

/** A trained adapter at work: predictions without a population. The backbone is this JVM's own. */
public final class Scorer {
  private final Model model;
  private final AdapterSet adapter;

  private Scorer(Model model, AdapterSet adapter) {
    this.model = model;
    this.adapter = adapter;
  }

  /** A scorer of an adapter above its frozen model. */
  public static Scorer of(ScoredModel model, AdapterSet adapter) {
    return new Scorer(Backbones.shared(model), adapter);
  }

  /** What a configuration's model takes as images; empty for a model of texts. */
  public static Optional<ImageShape> imageOf(RunConfig config) {
    return Backbones.shared(config).image();
  }

  /** What a model takes as images; empty for a model of texts. */
  public static Optional<ImageShape> imageOf(ScoredModel model) {
    return Backbones.shared(model.described()).image();
  }

  /** Reads a PEFT adapter whose layout is what its own configuration says. */
  public static AdapterSet read(ScoredModel model, Path folder) {
    return AdapterFile.open(folder).read(Backbones.shared(model.described()));
  }

  /** Longest sequence that a model takes, in tokens. */
  public static int maxPositions(ScoredModel model) {
    return Backbones.shared(model.described()).maxPositions();
  }

  /** Logits, in the order of the examples. */
  public Predictions predict(List<Example> examples) {
    return Workers.shared()
        .lend(
            model,
            adapter.layout(),
            worker -> {
              worker.useBase(adapter.base());
              return worker.predict(adapter.toArray(), examples);
            });
  }
}
