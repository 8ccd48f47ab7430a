package org.lorica.federation;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lorica.data.SafeTensors;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.lora.PeftAdapter;
import org.lorica.lora.PeftConfig;
import org.lorica.lora.TargetModules;
import org.lorica.model.FreshHead;
import org.lorica.model.LoadOptions;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.random.RandomKey;

/** An exported PEFT adapter before its model is known. */
public record AdapterFile(Path folder, PeftConfig config, SafeTensors tensors) {
  private static final String LORA = ".lora_";

  /** Opens an adapter folder. */
  public static AdapterFile open(Path folder) {
    return new AdapterFile(
        folder, PeftConfig.read(folder), SafeTensors.open(folder.resolve(PeftAdapter.FILE)));
  }

  /**
   * A placeholder of as many classes as the adapter's own head has: the values are the adapter's,
   * so that the checkpoint may have none, or one of another size. Empty if it brings no head.
   */
  private Optional<FreshHead> headInPlace() {
    if (config.origin().modulesToSave().isEmpty()) {
      return Optional.empty();
    }
    return tensors.names().stream()
        .filter(name -> !name.contains(LORA) && name.endsWith(".weight"))
        .map(name -> tensors.shape(name).get(0))
        .reduce((earlier, later) -> later) // the output layer is the head's last
        .map(FreshHead::placeholder);
  }

  /**
   * How to load the model that the adapter belongs to, with a place for the adapter's head.
   *
   * @param model where the model is
   */
  public LoadOptions options(Path model) {
    if (!Models.takesFreshHead(model)) {
      return LoadOptions.AS_STORED;
    }
    LoadOptions options =
        headInPlace().map(LoadOptions.AS_STORED::with).orElse(LoadOptions.AS_STORED);
    return headInPlace().isPresent() && config.origin().taskType().equals("QUESTION_ANS")
        ? options.with(Model.Task.QUESTION_ANSWERING)
        : options;
  }

  /** The adapter above its model, loaded with a place for its head. */
  public AdapterSet read(Model model) {
    List<LoraModule> targets =
        TargetModules.stored(
            model.linearModules(), config, module -> PeftAdapter.adapts(tensors.names(), module));
    List<LoraModule> head =
        config.origin().modulesToSave().isEmpty() ? List.of() : model.headModules();
    AdapterLayout layout = config.layout(targets, head);
    float[] headValues = head.isEmpty() ? new float[0] : model.headValues();
    return PeftAdapter.read(folder, AdapterInit.fresh(layout, headValues, RandomKey.root(0)));
  }
}
