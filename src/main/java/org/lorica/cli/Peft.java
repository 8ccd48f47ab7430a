package org.lorica.cli;

import java.util.List;
import org.lorica.config.RunConfig;
import org.lorica.federation.Workbench;
import org.lorica.lora.PeftConfig;
import org.lorica.model.Model;

/** The PEFT description of a run's adapter. */
final class Peft {
  private Peft() {}

  static PeftConfig config(RunConfig config, Workbench workbench) {
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
            workbench.layout().head().isEmpty() ? List.of() : List.of("classifier")));
  }
}
