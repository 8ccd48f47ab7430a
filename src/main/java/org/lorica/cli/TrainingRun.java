package org.lorica.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.lorica.config.FederationConfig;
import org.lorica.config.LoadedConfig;
import org.lorica.config.RunConfig;
import org.lorica.federation.Checkpoint;
import org.lorica.federation.CheckpointFile;
import org.lorica.federation.ClientPool;
import org.lorica.federation.Evaluation;
import org.lorica.federation.Evaluator;
import org.lorica.federation.Federation;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.HeldOut;
import org.lorica.federation.LocalCohort;
import org.lorica.federation.RoundListener;
import org.lorica.federation.RoundsDone;
import org.lorica.federation.SecretKeyFile;
import org.lorica.federation.Strategy;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterSet;
import org.lorica.random.DrawKey;
import org.lorica.random.RandomKey;
import org.lorica.random.SecretKey;
import org.lorica.report.ConsoleProgress;
import org.lorica.report.Manifest;
import org.lorica.report.RunFolder;
import org.lorica.spark.FirstTask;
import org.lorica.spark.SparkCohort;
import org.lorica.spark.SparkHeldOut;
import org.lorica.strategy.Diagnostics;
import org.lorica.strategy.Strategies;
import org.lorica.tensor.NativeBackend;
import picocli.CommandLine;

/** One federated run from its settings to its run folder: from the start, or the rest of it. */
final class TrainingRun {
  private final LoadedConfig loaded;
  private final RunConfig config;
  private final CommandLine command;
  private final PrintWriter console;
  private final Strategy strategy;
  private final RunOptions options;
  private final StartTimings timings;
  private Optional<SparkStart> spark = Optional.empty();
  private Optional<HeldOut> onSpark = Optional.empty();
  private Supplier<OptionalLong> firstTask = OptionalLong::empty;

  TrainingRun(LoadedConfig loaded, CommandLine command, RunOptions options) {
    options.livePort(); // a wrong one is said at once
    this.options = options;
    this.loaded = loaded;
    this.config = loaded.run();
    this.command = command;
    this.timings = Main.timings(command.getCommandSpec());
    this.console = command.getOut();
    this.strategy = Strategies.of(config);
  }

  int start() {
    return withWorkbench(
        workbench -> {
          ReadyRun ready = ready(workbench, FederationPrivacy.freshKey(config));
          return withPool(
              workbench,
              pool -> {
                RunFolder run =
                    RunFolder.create(Path.of(config.general().out()), config.general().name());
                return guarded(
                    run,
                    () -> {
                      if (ready.key() instanceof SecretKey secret) {
                        SecretKeyFile.write(run.noiseKey(), secret);
                      }
                      Manifest manifest =
                          Manifest.started(
                              Clock.systemUTC().instant(),
                              config.general().seed(),
                              command.getParent().getParseResult().originalArgs(),
                              Versions.all(),
                              loaded.resolvedHocon());
                      run.writeManifest(manifest);
                      return rounds(ready, run, pool, RoundsDone.none(ready.start().adapter()));
                    });
              });
        });
  }

  int resume(Path folder) {
    RunFolder run = RunFolder.reopen(folder);
    InterruptedRun interrupted = new InterruptedRun(run, loaded);
    return guarded(
        run,
        () -> {
          interrupted.requireSameSettings(console);
          if (run.manifest().status() == Manifest.Status.COMPLETE) {
            FinishedRun.close(run);
            RunOutputs.report(run, console);
            console.printf("%s: was complete but for its name%n", run.path());
            console.flush();
            return 0;
          }
          return withWorkbench(
              workbench -> {
                ReadyRun ready = ready(workbench, interrupted.key());
                RoundsDone done = interrupted.restore(ready);
                console.printf(
                    "%s: %d of %d rounds are done%n",
                    run.path(), done.rounds(), config.federation().rounds());
                console.flush();
                run.writeManifest(
                    run.manifest()
                        .resumed(Clock.systemUTC().instant(), done.rounds(), Versions.all()));
                return withPool(workbench, pool -> rounds(ready, run, pool, done));
              });
        });
  }

  private int withWorkbench(Function<Workbench, Integer> work) {
    console.printf("%s: loading model and data%n", config.general().name());
    console.flush();
    try {
      timings.done("settings");
      NativeBackend.loadProducts();
      timings.done("natives");
      Workbench.loadModel(config);
      timings.done("model");
      // what is wrong with settings and model is said before Spark costs a second
      spark = sparks() ? Optional.of(SparkStart.begin(loaded, timings)) : Optional.empty();
      Workbench workbench = Workbench.shared(loaded.resolvedHocon());
      timings.done("data");
      return work.apply(workbench);
    } finally {
      spark.ifPresent(SparkStart::close);
      Workbench.release(loaded.resolvedHocon());
    }
  }

  private ReadyRun ready(Workbench workbench, DrawKey key) {
    int clients = workbench.population().clients();
    FederationPrivacy privacy = FederationPrivacy.of(config, clients, key);
    privacy.requireCovers(strategy);
    CompletableFuture<Void> calibration =
        CompletableFuture.runAsync(() -> privacy.calibrate(workbench.population()));
    Evaluator evaluator = new Evaluator(workbench, Runtime.getRuntime().availableProcessors());
    AdapterSet initial = workbench.initialAdapter(RandomKey.root(config.general().seed()));
    Evaluation before = evaluator.evaluate(initial, workbench.population().test());
    timings.done("first evaluation");
    console.printf(
        "%d clients, %d held-out examples, %,d trainable values on %,d frozen parameters; strategy %s%n",
        clients,
        before.examples(),
        workbench.layout().size(),
        workbench.model().parameters(),
        strategy.name());
    console.flush();
    joined(calibration);
    timings.done("privacy");
    Diagnostics diagnostics = new Diagnostics(config, strategy, workbench);
    return new ReadyRun(
        workbench, privacy, key, evaluator, new ReadyRun.Start(initial, before), diagnostics);
  }

  /** Waits for work beside; its failure is thrown as it was. */
  private static void joined(CompletableFuture<Void> work) {
    try {
      work.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error fatal) {
        throw fatal;
      }
      throw e;
    }
  }

  private int withPool(Workbench workbench, Function<ClientPool, Integer> work) {
    if (spark.isEmpty()) {
      int threads = Runtime.getRuntime().availableProcessors();
      int lanes = config.federation().packing().lanes();
      return work.apply(LocalCohort.pool(workbench, threads, lanes));
    }
    SparkDriver driver = spark.get().await();
    timings.done("spark");
    firstTask = FirstTask.of(driver.context())::launched;
    driver.warnings().forEach(warning -> console.printf("warning: %s%n", warning));
    console.flush();
    onSpark = Optional.of(SparkHeldOut.on(driver.context(), loaded));
    return work.apply(SparkCohort.pool(driver.context(), loaded));
  }

  private boolean sparks() {
    return config.federation().engine() == FederationConfig.Engine.SPARK;
  }

  private int rounds(ReadyRun ready, RunFolder run, ClientPool pool, RoundsDone done) {
    try (RunOutputs outputs =
        RunOutputs.begin(
            config, ready.workbench().population(), run, options.livePort(), console)) {
      return rounds(ready, run, pool, done, outputs);
    }
  }

  private int rounds(
      ReadyRun ready, RunFolder run, ClientPool pool, RoundsDone done, RunOutputs outputs) {
    ConsoleProgress progress =
        new ConsoleProgress(
            new PrintStream(System.out, true, StandardCharsets.UTF_8),
            Clock.systemUTC(),
            done.rounds());
    Checkpoint.Origin origin = ready.origin(loaded);
    AtomicReference<Evaluation> last = new AtomicReference<>();
    Diagnostics diagnostics = ready.diagnostics();
    // the line first, then the checkpoint: what a checkpoint lacks is cut off again on resume
    RoundListener record =
        result -> {
          var line =
              RoundRecords.of(config, result).withDiagnostics(diagnostics.of(result.round()));
          run.append(line);
          CheckpointFile.write(
              run.checkpoint(),
              new Checkpoint(
                  origin,
                  new RoundsDone(result.round(), result.server()),
                  ready.privacy().ledger(),
                  diagnostics.state()));
          progress.print(line);
          if (result.round() == done.rounds() + 1) {
            timings.done("first broadcast", firstTask.get());
            timings.done("first task", ready.workbench().meter().firstStep());
            if (options.timings()) {
              timings.print(console);
            }
          }
          outputs.roundFinished(line);
          result.evaluation().ifPresent(last::set);
        };
    timings.done("run folder");
    Federation federation =
        new Federation(
            config, ready.workbench(), strategy, ready.privacy(), List.of(diagnostics, record));
    HeldOut heldOut = onSpark.orElse(ready.evaluator());
    AdapterSet adapter = federation.run(pool, done, heldOut);
    Evaluation after =
        last.get() != null
            ? last.get()
            // all rounds were done before: only the closing words were missing
            : ready.evaluator().evaluate(adapter, ready.workbench().population().test());
    outputs.tables(ready.privacy(), ready.workbench().population());
    String summary =
        new FinishedRun(config, ready.workbench(), ready.privacy(), run)
            .write(adapter, ready.start().evaluation(), after);
    outputs.completed();
    console.println();
    console.println(summary);
    console.flush();
    return 0;
  }

  private interface Work {
    int run();
  }

  /** A run that fails lets go of its folder, says so in it, and tells how to go on. */
  private int guarded(RunFolder run, Work work) {
    try {
      return work.run();
    } catch (RuntimeException e) {
      abandon(run, e);
      throw e;
    }
  }

  private void abandon(RunFolder run, RuntimeException cause) {
    if (CheckpointFile.isWhole(run.checkpoint())) {
      console.printf("what is done is kept; to go on: lorica resume %s%n", run.path());
      console.flush();
    }
    try {
      if (Files.exists(run.path().resolve("manifest.json"))
          && run.manifest().status() == Manifest.Status.RUNNING) {
        run.writeManifest(run.manifest().with(Manifest.Status.FAILED));
      }
    } catch (RuntimeException e) {
      cause.addSuppressed(e); // the first failure is the one to tell of
    }
    try {
      run.abandon();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }
}
