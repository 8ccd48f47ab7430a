package org.lorica.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.lorica.data.ByteTokenizerFile;
import org.lorica.data.Example;
import org.lorica.data.LocaleNames;
import org.lorica.data.SafeTensors;
import org.lorica.data.StoredModel;
import org.lorica.data.TextRecord;
import org.lorica.data.TextTokenizer;
import org.lorica.federation.CentralTrainer;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.MergedWeights;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.model.ScratchBert;
import org.lorica.random.RandomKey;
import org.lorica.tensor.FastestKernels;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code lorica pretrain}: the quickstart's base model, trained centrally and without privacy on
 * the public part of the locale names (other languages and kinds than the clients'), by the same
 * LoRA machinery at full rank, merged at the end.
 */
@Command(
    name = "pretrain",
    description =
        "Pre-trains the quickstart's base model on public locale names and writes a model folder.",
    mixinStandardHelpOptions = true)
final class PretrainCommand implements Callable<Integer> {
  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Model folder to write; must not exist.")
  private Path out;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of all draws (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--hidden",
      defaultValue = "96",
      description = "Hidden width (default ${DEFAULT-VALUE}).")
  private int hidden;

  @Option(
      names = "--layers",
      defaultValue = "2",
      description = "Layers (default ${DEFAULT-VALUE}).")
  private int layers;

  @Option(
      names = "--steps",
      defaultValue = "2000",
      description = "Steps (default ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--batch",
      defaultValue = "64",
      description = "Expected examples a step (default ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--learning-rate",
      defaultValue = "0.002",
      description = "Of AdamW (default ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--labels",
      defaultValue = "20",
      description =
          "Classes of the fresh head that the written model gets (default ${DEFAULT-VALUE}).")
  private int labels;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (Files.exists(out)) {
      throw new IllegalArgumentException("--out " + out + ": must not exist yet");
    }
    try {
      return pretrain();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + out, e);
    }
  }

  private int pretrain() throws IOException {
    PrintWriter console = spec.commandLine().getOut();
    RandomKey key = RandomKey.root(seed);
    List<TextRecord> records = LocaleNames.publicPart();
    int classes = LocaleNames.publicLanguages().size();
    Path work = Files.createDirectories(Path.of(out + ".incomplete"));
    ByteTokenizerFile.write(work.resolve("tokenizer.json"));
    ScratchBert.Size size;
    List<Example> examples;
    try (TextTokenizer tokenizer = TextTokenizer.open(work)) {
      size = new ScratchBert.Size(hidden, layers, hidden / 24, tokenizer.vocabularySize(), 64);
      examples =
          records.stream()
              .map(r -> new Example(tokenizer.encode(r.text(), size.positions()), r.label()))
              .toList();
    }
    ScratchBert.write(work, size, classes, key);
    Model model = Models.load(work, FastestKernels.here());
    List<Example> train = new ArrayList<>();
    List<Example> test = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      (i % 20 == 0 ? test : train).add(examples.get(i));
    }
    console.printf(
        Locale.ROOT,
        "%,d public names in %d languages, %,d parameters%n",
        examples.size(),
        classes,
        model.parameters());
    CentralTrainer trainer =
        new CentralTrainer(model, key, new CentralTrainer.Settings(batch, learningRate));
    AdapterSet adapter =
        trainer.train(
            train,
            test,
            steps,
            line -> {
              console.println(line);
              console.flush();
            });
    Map<String, SafeTensors.Entry> merged = MergedWeights.of(StoredModel.open(work), adapter);
    merged.putAll(ScratchBert.head(labels, hidden, key));
    SafeTensors.write(work.resolve("model.safetensors"), merged);
    ScratchBert.writeConfig(work, size, labels);
    Files.move(work, out);
    console.println("wrote " + out);
    return 0;
  }
}
