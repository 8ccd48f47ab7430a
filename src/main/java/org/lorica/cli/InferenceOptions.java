package org.lorica.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lorica.config.ConfigLoader;
import org.lorica.config.RunConfig;
import org.lorica.data.HubCache;
import org.lorica.report.StoredRun;
import picocli.CommandLine.Option;

/** Options shared by {@code predict} and {@code evaluate}. */
final class InferenceOptions {
  private static final int USUAL_LENGTH = 512;

  /** Settings of a run that say how it read its texts or images; data to predict has no labels. */
  private static final String READING =
      "data\\.questions\\..*|data\\.columns\\.(text|text2|response)|model\\.(max-length|image-size)";

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description =
          "Model folder: config.json, model.safetensors; tokenizer.json or preprocessor_config.json."
              + " Or hf://org/name@revision.")
  private String model;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "PEFT adapter folder; without it, the base model.")
  private String adapter;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description =
          ".tsv, .csv, .jsonl or .parquet with text or sentence and, if known, label; .json (SQuAD);"
              + " for images a labels.csv (image, label) or a folder that holds one. Or hf://datasets/org/name@revision/file.")
  private String data;

  @Option(
      names = "--max-length",
      paramLabel = "TOKENS",
      description =
          "Longer texts are cut (default: as in the run that the adapter lies in, else "
              + USUAL_LENGTH
              + "; at most the model's limit).")
  private Integer maxLength;

  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      description =
          "Height and width of the images that the model sees (default: as in the run that the"
              + " adapter lies in, else the model's).")
  private Integer imageSize;

  @Option(
      names = "--labels",
      paramLabel = "NAME,...",
      split = ",",
      description = "Class names in the order of their indices, if the data names classes.")
  private List<String> labels = new ArrayList<>();

  @Option(
      names = "--device",
      paramLabel = "auto|cpu|cuda",
      defaultValue = "auto",
      description = "What computes (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "hub.endpoint, hub.cache or hub.offline, for hf:// names; data.columns.text, text2, response"
              + " or label; data.questions.stride, max-answer or no-answer-threshold (default, but for"
              + " label: those of the run that the adapter lies in). Repeatable.")
  private List<String> overrides = new ArrayList<>();

  Inference open() {
    RunConfig settings = settings();
    HubCache hub = new HubCache(settings.hub());
    if (adapter != null && HubCache.names(adapter)) {
      throw new IllegalArgumentException(
          "--adapter must be a folder of this machine, got " + adapter + "; download it first");
    }
    if (maxLength != null && maxLength < 1) {
      throw new IllegalArgumentException("--max-length must be > 0 tokens, got " + maxLength);
    }
    if (imageSize != null && imageSize < 1) {
      throw new IllegalArgumentException("--image-size must be > 0 pixels, got " + imageSize);
    }
    return Inference.open(
        new Inference.ModelFiles(
            hub.localModel(model),
            Optional.ofNullable(adapter).map(Path::of),
            Optional.ofNullable(imageSize).or(settings.model()::imageSize),
            Devices.named(device)),
        new Inference.Data(
            Path.of(hub.localFile(data)),
            Optional.ofNullable(maxLength).orElse(settings.model().maxLength()),
            labels,
            settings.data().format().columns(),
            settings.data().format().questions()));
  }

  private RunConfig settings() {
    for (String override : overrides) {
      if (!override.matches("(lorica\\.)?(hub|data\\.columns|data\\.questions)\\..*")) {
        throw new IllegalArgumentException(
            "--set must be a key of hub, data.columns or data.questions = a value here, got "
                + override);
      }
    }
    List<String> all = new ArrayList<>(List.of("model.max-length=" + USUAL_LENGTH));
    all.addAll(ownRun());
    all.addAll(overrides);
    all.add("model.path=none"); // a scenario is not whole without
    return ConfigLoader.of(all).run();
  }

  /** How the adapter's own run read its data; empty where the adapter lies in no run's folder. */
  private List<String> ownRun() {
    Path run = adapter == null ? null : Path.of(adapter).toAbsolutePath().normalize().getParent();
    if (run == null || !Files.exists(run.resolve("manifest.json"))) {
      return List.of();
    }
    StoredRun stored = StoredRun.read(run);
    return stored.settings().keySet().stream()
        .filter(key -> key.matches(READING) && !stored.setting(key).isNull())
        .map(key -> key + "=" + stored.setting(key)) // as JSON, whatever a column is called
        .toList();
  }
}
