package org.lorica.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.lorica.config.ConfigLoader;
import org.lorica.data.HubCache;
import org.lorica.data.SafeTensors;
import org.lorica.data.StoredModel;
import org.lorica.federation.AdapterFile;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.MergedWeights;
import org.lorica.lora.PeftAdapter;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.report.RunFolder;
import org.lorica.report.StoredRun;
import org.lorica.tensor.Device;
import org.lorica.tensor.FastestKernels;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorica export}: what a run has learned, for other programs. */
@Command(
    name = "export",
    description =
        "Writes a finished run's result as a plain Hugging Face model (the base model with"
            + " everything that was learned folded in, float32), or as a PEFT adapter.",
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "RUN", description = "Folder of a finished run.")
  private Path run;

  @Option(
      names = "--merged",
      paramLabel = "OUT",
      description = "Model folder to write; must not exist.")
  private Optional<Path> merged = Optional.empty();

  @Option(
      names = "--peft",
      paramLabel = "OUT",
      description = "Adapter folder to write; must not exist.")
  private Optional<Path> peft = Optional.empty();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Base model folder, where it is not the one of the run's settings any more.")
  private Optional<Path> model = Optional.empty();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (merged.isEmpty() && peft.isEmpty()) {
      throw new IllegalArgumentException("export needs --merged OUT or --peft OUT, got neither");
    }
    requireFinished();
    Stream.of(merged, peft).flatMap(Optional::stream).forEach(ExportCommand::requireFree);
    PrintWriter console = spec.commandLine().getOut();
    peft.ifPresent(out -> say(console, written(out, draft -> copy(adapter(), draft, List.of()))));
    merged.ifPresent(out -> say(console, written(out, this::writeMerged)));
    return 0;
  }

  private static void say(PrintWriter console, Path out) {
    console.println(out);
    console.flush();
  }

  private Path adapter() {
    return run.resolve("adapter");
  }

  private void requireFinished() {
    if (!StoredRun.isRun(run)) {
      throw new IllegalArgumentException(
          run + ": expected the folder of a run with manifest.json, found none");
    }
    if (run.getFileName().toString().endsWith(RunFolder.INCOMPLETE)
        || !Files.isRegularFile(adapter().resolve(PeftAdapter.FILE))) {
      throw new IllegalArgumentException(
          run + ": expected a finished run with adapter/" + PeftAdapter.FILE + ", found none");
    }
  }

  private static void requireFree(Path out) {
    if (Files.exists(out)) {
      throw new IllegalArgumentException(out + ": exists already; choose another folder");
    }
  }

  private interface Writing {
    void into(Path draft) throws IOException;
  }

  /** Half a folder keeps a name that says so. */
  private static Path written(Path out, Writing writing) {
    Path draft = out.resolveSibling(out.getFileName() + RunFolder.INCOMPLETE);
    requireFree(draft);
    try {
      Files.createDirectories(draft);
      try {
        writing.into(draft);
      } catch (RuntimeException e) {
        new FolderTree(draft).delete();
        throw e;
      }
      Files.move(draft, out);
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + out, e);
    }
  }

  private void writeMerged(Path draft) throws IOException {
    StoredRun settings = StoredRun.read(run);
    Path base = model.orElseGet(this::ownModel);
    StoredModel stored = StoredModel.open(base);
    AdapterFile file = AdapterFile.open(adapter());
    Model loaded = Models.load(base, FastestKernels.on(Device.CPU).kernels(), file.options(base));
    AdapterSet trained = file.read(loaded);
    SafeTensors.write(draft.resolve("model.safetensors"), MergedWeights.of(stored, trained));
    copy(base, draft, List.of(".safetensors", ".safetensors.index.json", ".bin", ".md"));
    MergedConfig.nameTypeInPlace(draft);
    if (!trained.layout().head().isEmpty()) {
      List<String> labels = new ArrayList<>();
      settings.setting("data.labels").forEach(label -> labels.add(label.asText()));
      new MergedConfig(loaded.task(), loaded.outputs(), labels).updateInPlace(draft);
    }
    requireWhole(draft, loaded);
  }

  /** The model of the run's settings, fetched by the run's own hub settings where it has a name. */
  private Path ownModel() {
    String path = StoredRun.read(run).setting("model.path").asText();
    return HubCache.names(path)
        ? new HubCache(ConfigLoader.parse(RunFolder.manifestOf(run).resolvedConfiguration()).hub())
            .localModel(path)
        : Path.of(path);
  }

  /** What was written must be a model by itself: a tensor only the run knew is no part of it. */
  private static void requireWhole(Path draft, Model trained) {
    Model merged = Models.load(draft, FastestKernels.on(Device.CPU).kernels());
    if (merged.task() != trained.task() || merged.outputs() != trained.outputs()) {
      throw new IllegalArgumentException(
          "--merged: the written model must be for "
              + trained.task().key()
              + " with "
              + trained.outputs()
              + " outputs, got "
              + merged.task().key()
              + " with "
              + merged.outputs());
    }
  }

  /** Plain files, but for those whose names end so. */
  private static void copy(Path from, Path to, List<String> without) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (without.stream().noneMatch(name::endsWith)) {
          Files.copy(file, to.resolve(name));
        }
      }
    }
  }
}
