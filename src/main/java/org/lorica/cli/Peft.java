package org.lorica.cli;

import org.lorica.config.RunConfig;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.PeftConfig;
import org.lorica.model.Model;

/** The PEFT description of a run's adapter. */
final class Peft {
  private Peft() {}

  static PeftConfig config(RunConfig config, Workbench workbench, AdapterLayout exported) {
    RunConfig.LoraConfig lora = config.lora();
    boolean language = workbench.model().task() == Model.Task.CAUSAL_LANGUAGE_MODELLING;
    return new PeftConfig(
        lora.rank(),
        lora.alpha(),
        lora.scaling() == RunConfig.LoraConfig.Scaling.RANK_STABILIZED,
        workbench.targetModules(),
        new PeftConfig.Origin(
            language ? "CAUSAL_LM" : "SEQ_CLS",
            config.model().path(),
            // PEFT saves whole modules: "classifier" stands for classifier.weight and all else in
            // it.
            exported.head().stream()
                .map(m -> m.name().substring(0, m.name().indexOf('.')))
                .distinct()
                .toList()));
  }
}
