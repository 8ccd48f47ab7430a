package org.lorica.federation;

import java.nio.file.Path;
import java.util.List;
import org.lorica.config.RunConfig;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.lora.PeftAdapter;
import org.lorica.lora.PeftConfig;
import org.lorica.model.Model;

/**
 * What leaves a run: its adapter, with a frozen head that is not the checkpoint's, and what PEFT is
 * told of it.
 */
public record ExportedAdapter(AdapterSet adapter, PeftConfig peft) {

  /** The export of a run's adapter. */
  public static ExportedAdapter of(RunConfig config, Workbench workbench, AdapterSet trained) {
    ConfiguredAdapter configured = workbench.adapter();
    AdapterSet exported = configured.exported(trained);
    PeftConfig peft =
        new PeftConfig(
            configured.ranks(),
            configured.targetModules(),
            new PeftConfig.Origin(
                taskType(workbench.model(), exported.layout()),
                config.model().path(),
                savedModules(exported.layout().head())));
    return new ExportedAdapter(exported, peft);
  }

  /** Writes {@code adapter_config.json} and {@code adapter_model.safetensors} into a folder. */
  public void write(Path folder) {
    PeftAdapter.write(folder, adapter, peft);
  }

  /**
   * PEFT's names; a regression is a sequence classification with one output there. None where the
   * adapter has no head: PEFT expects one of a named task, and refuses the file. None for images
   * either: its classes for named tasks are of texts.
   */
  private static String taskType(Model model, AdapterLayout layout) {
    if (model.task() == Model.Task.CAUSAL_LANGUAGE_MODELLING) {
      return "CAUSAL_LM";
    }
    if (model.image().isPresent() || layout.head().isEmpty()) {
      return "";
    }
    return model.task() == Model.Task.QUESTION_ANSWERING ? "QUESTION_ANS" : "SEQ_CLS";
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
