package org.lorica.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lorica.config.RecordFormat;
import org.lorica.data.Example;
import org.lorica.data.RecordLog;
import org.lorica.data.TextEncoder;
import org.lorica.data.TextSource;
import org.lorica.data.TextTokenizer;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.lora.PeftAdapter;
import org.lorica.lora.PeftConfig;
import org.lorica.lora.TargetModules;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.model.Predictions;
import org.lorica.model.Worker;
import org.lorica.random.RandomKey;
import org.lorica.tensor.FastestKernels;

/** A model folder with an optional adapter, applied to a file of texts. */
record Inference(Model model, AdapterSet adapter, List<Example> examples) {
  private static final int BATCH = 32;

  static Inference open(Path modelFolder, Optional<Path> adapterFolder, Path data, int maxLength) {
    Model model = Models.load(modelFolder, FastestKernels.here());
    AdapterSet adapter =
        adapterFolder.map(folder -> adapter(model, folder)).orElseGet(() -> untrained(model));
    int limit = Math.min(maxLength, model.maxPositions());
    RecordFormat format =
        RecordFormat.usual(
            model.task() == Model.Task.REGRESSION
                ? RecordFormat.TargetKind.VALUE
                : RecordFormat.TargetKind.CLASS);
    try (TextTokenizer tokenizer = TextTokenizer.open(modelFolder)) {
      TextEncoder encoder = new TextEncoder(tokenizer, limit, format, new RecordLog());
      List<Example> examples =
          TextSource.read(data.toString(), TextSource.formatOf(data.toString()), format).stream()
              .flatMap(record -> encoder.heldOut(record).stream())
              .toList();
      return new Inference(model, adapter, examples);
    }
  }

  static AdapterSet adapter(Model model, Path folder) {
    PeftConfig config = PeftConfig.read(folder);
    List<LoraModule> targets = TargetModules.select(model.linearModules(), config.targetModules());
    List<LoraModule> head =
        config.origin().modulesToSave().isEmpty() ? List.of() : model.headModules();
    AdapterLayout layout = new AdapterLayout(targets, head, config.rank(), config.scaling());
    float[] headValues = head.isEmpty() ? new float[0] : model.headValues();
    return PeftAdapter.read(folder, AdapterInit.fresh(layout, headValues, RandomKey.root(0)));
  }

  /** B = 0: the base model itself. */
  private static AdapterSet untrained(Model model) {
    AdapterLayout layout = new AdapterLayout(model.linearModules().subList(0, 1), List.of(), 1, 1);
    return AdapterInit.fresh(layout, new float[0], RandomKey.root(0));
  }

  /** Receives predictions batch by batch, in input order. */
  interface Consumer {
    void accept(int first, Predictions predictions);
  }

  void forEachBatch(Consumer consumer) {
    Worker worker = model.worker(adapter.layout());
    float[] values = adapter.toArray();
    for (int from = 0; from < examples.size(); from += BATCH) {
      List<Example> batch = examples.subList(from, Math.min(examples.size(), from + BATCH));
      consumer.accept(from, worker.predict(values, batch));
    }
  }
}
