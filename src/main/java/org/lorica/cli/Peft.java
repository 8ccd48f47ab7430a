package org.lorica.cli;

import java.util.List;
import org.lorica.config.RunConfig;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.lora.PeftConfig;
import org.lorica.model.Model;

/** The PEFT description of a run's adapter. */
final class Peft {
  private Peft() {}

  /**
   * Describes an export.
   *
   * @param exported its layout, a frozen head that is not the checkpoint's included
   */
  static PeftConfig config(RunConfig config, Workbench workbench, AdapterLayout exported) {
    return new PeftConfig(
        workbench.ranks(),
        workbench.targetModules(),
        new PeftConfig.Origin(
            taskType(workbench.model().task()),
            config.model().path(),
            savedModules(exported.head())));
  }

  /** PEFT's names; a regression is a sequence classification with one output there. */
  private static String taskType(Model.Task task) {
    return switch (task) {
      case SEQUENCE_CLASSIFICATION, REGRESSION -> "SEQ_CLS";
      case QUESTION_ANSWERING -> "QUESTION_ANS";
      case CAUSAL_LANGUAGE_MODELLING -> "CAUSAL_LM";
    };
  }

  /**
   * {@code classifier} of {@code classifier.weight} and {@code classifier.out_proj.bias}, {@code
   * pooler} of {@code bert.pooler.dense.weight}.
   */
  private static List<String> savedModules(List<LoraModule> head) {
    return head.stream()
        .map(m -> m.name().replaceFirst("^bert\\.", "").replaceFirst("\\..*", ""))
        .distinct()
        .toList();
  }
}
