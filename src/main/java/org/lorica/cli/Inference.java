package org.lorica.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lorica.config.RecordFormat;
import org.lorica.data.Example;
import org.lorica.data.ImageRecord;
import org.lorica.data.ImageSet;
import org.lorica.data.ImageShape;
import org.lorica.data.ImageSource;
import org.lorica.data.LabelMap;
import org.lorica.data.PixelTable;
import org.lorica.data.Preprocessor;
import org.lorica.data.RecordLog;
import org.lorica.data.TextEncoder;
import org.lorica.data.TextSource;
import org.lorica.data.TextTokenizer;
import org.lorica.federation.AdapterFile;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.model.ClassNames;
import org.lorica.model.LoadOptions;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.model.Predictions;
import org.lorica.model.Worker;
import org.lorica.random.RandomKey;
import org.lorica.tensor.Device;
import org.lorica.tensor.FastestKernels;

/** A model folder with an optional adapter, applied to a file of texts or images. */
record Inference(
    Model model, AdapterSet adapter, List<Example> examples, RecordFormat.Questions questions) {
  private static final int BATCH = 32;

  /** Where model and adapter are; {@code imageSize} as {@link LoadOptions} has it. */
  record ModelFiles(
      Path folder, Optional<Path> adapter, Optional<Integer> imageSize, Device device) {}

  /** What to apply the model to; labels as class names, or empty for numbers. */
  record Data(
      Path file,
      int maxLength,
      List<String> labels,
      RecordFormat.Columns columns,
      RecordFormat.Questions questions) {}

  static Inference open(ModelFiles files, Data data) {
    Optional<AdapterFile> stored = files.adapter().map(AdapterFile::open);
    LoadOptions options =
        stored
            .map(file -> file.options(files.folder()))
            .orElse(LoadOptions.AS_STORED)
            .withImageSize(files.imageSize())
            .with(
                Files.isRegularFile(files.folder())
                    ? LoadOptions.Family.DL4J
                    : LoadOptions.Family.AUTO);
    if (options.head().isEmpty()) {
      ClassNames.requireOrder(files.folder(), data.labels(), "--labels");
    }
    Model model = Models.load(files.folder(), FastestKernels.on(files.device()).kernels(), options);
    AdapterSet adapter = stored.map(file -> file.read(model)).orElseGet(() -> untrained(model));
    List<Example> examples =
        model
            .image()
            .map(shape -> images(files.folder(), data, shape))
            .orElseGet(() -> texts(files.folder(), data, model));
    return new Inference(model, adapter, examples, data.questions());
  }

  private static List<Example> texts(Path folder, Data data, Model model) {
    int limit = Math.min(data.maxLength(), model.maxPositions());
    RecordFormat usual =
        RecordFormat.usual(
            model.task() == Model.Task.REGRESSION
                ? RecordFormat.TargetKind.VALUE
                : RecordFormat.TargetKind.CLASS);
    RecordFormat format =
        new RecordFormat(
            data.columns(), data.labels(), usual.target(), usual.badRecords(), data.questions());
    String file = data.file().toString();
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      TextEncoder encoder = new TextEncoder(tokenizer, limit, format, new RecordLog());
      return TextSource.read(file, TextSource.formatOf(file), format).stream()
          .flatMap(record -> encoder.heldOut(record).stream())
          .toList();
    }
  }

  /** A bad image ends the command: predictions are in input order, without gaps. */
  private static List<Example> images(Path folder, Data data, ImageShape shape) {
    if (!Files.isDirectory(data.file()) && !data.file().toString().endsWith(".csv")) {
      throw new IllegalArgumentException(
          data.file()
              + ": the model takes images: expected a labels.csv or a folder that holds one");
    }
    ImageSource source =
        new ImageSource(
            new ImageSource.Settings(
                new LabelMap(data.labels()),
                ImageSource.Channels.AS_STORED,
                ImageSet.BadRecords.FAIL,
                new PixelTable.Layout(PixelTable.LabelColumn.LAST, 255)),
            Preprocessor.open(folder, shape));
    return source
        .read(data.file(), ImageSource.Format.FOLDER, ImageSource.Part.TEST)
        .records()
        .stream()
        .map(ImageRecord::example)
        .toList();
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
