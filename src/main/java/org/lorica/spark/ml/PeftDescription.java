package org.lorica.spark.ml;

import java.util.List;
import org.lorica.config.RunConfig;
import org.lorica.federation.Workbench;
import org.lorica.lora.PeftConfig;

/** What PEFT is told of a classifier's adapter. */
final class PeftDescription {
  private PeftDescription() {}

  static PeftConfig of(RunConfig config, Workbench workbench) {
    return new PeftConfig(
        workbench.ranks(),
        workbench.targetModules(),
        new PeftConfig.Origin(
            "SEQ_CLS",
            config.model().path(),
            workbench.layout().head().isEmpty() ? List.of() : List.of("classifier")));
  }
}
