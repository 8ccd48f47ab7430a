package org.lorica.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.lorica.federation.ClientOptimizer;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.LocalTask;
import org.lorica.federation.LocalTrainer;
import org.lorica.federation.Participant;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;
import org.lorica.lora.TargetModules;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.model.ParallelWorker;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Clipper;
import org.lorica.privacy.GaussianNoiser;
import org.lorica.privacy.PoissonSampler;
import org.lorica.privacy.Release;
import org.lorica.random.RandomKey;
import org.lorica.tensor.Arena;
import org.lorica.tensor.FastestKernels;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;
import org.lorica.tensor.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Whole DP steps of the local trainer, beside what their matrix products alone would take. */
@Command(
    name = "step",
    description =
        "Milliseconds per DP step (forward, backward, per-example norms, clip, noise, update) of one"
            + " client, and its share of this machine's matrix-product rate.",
    mixinStandardHelpOptions = true)
final class BenchStep implements Callable<Integer> {
  private static final int PLAIN_STEPS = 2;
  private static final int HEAD_WIDTH = 256;
  private static final int HEAD_CALLS = 6000;

  @Option(
      names = "--shape",
      split = ",",
      description =
          "encoder, roberta-base, vit-tiny, llama-260k (default: these); and, for cards, vit-base,"
              + " llama-1b.")
  private List<String> shapes = List.of();

  @Option(names = "--batch", description = "Examples a step (default: the shape's own).")
  private Integer batch;

  @Option(
      names = "--rank",
      split = ",",
      defaultValue = "8",
      description = "LoRA ranks (default ${DEFAULT-VALUE}).")
  private List<Integer> ranks;

  @Option(
      names = "--seconds",
      defaultValue = "5",
      description = "Least time of measured steps for each row (default ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--lanes",
      split = ",",
      defaultValue = "1",
      description = "Clients that step in lock-step (default ${DEFAULT-VALUE}).")
  private List<Integer> lanes;

  @Option(
      names = "--threads",
      defaultValue = "1",
      description =
          "Threads of one client's step; with more than one, rates are of wall time"
              + " (default ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--device",
      paramLabel = "auto|cpu|cuda",
      defaultValue = "auto",
      description = "What computes (default ${DEFAULT-VALUE}).")
  private String device;

  @Option(names = "--plain", description = "Time the plain ND4J twin as well (slow).")
  private boolean plain;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "| shape | lanes | batch x tokens | rank, targets | ms | CPU ms | tokens/s | GFLOP/s | GEMM GFLOP/s |"
            + " share | allocated | against plain |%n");
    out.printf("|---|---|---|---|---|---|---|---|---|---|---|---|%n");
    for (StepShape shape : chosen()) {
      Path folder = Files.createTempDirectory("lorica-bench");
      try {
        shape.write(folder);
        for (int rank : ranks) {
          for (int together : lanes) {
            row(out, new Setting(shape, folder, rank, together));
          }
        }
      } finally {
        new FolderTree(folder).delete();
      }
    }
    return 0;
  }

  private List<StepShape> chosen() {
    if (shapes.isEmpty()) {
      return StepShape.ALL;
    }
    return shapes.stream().map(StepShape::named).toList();
  }

  /** What is timed; {@code lanes} clients make one step each. */
  private record Setting(StepShape shape, Path folder, int rank, int lanes) {}

  private void row(PrintWriter out, Setting setting) {
    StepShape shape = setting.shape();
    int examples = batch == null ? shape.batch() : batch;
    Kernels fastest = FastestKernels.on(Devices.named(device)).kernels();
    double limit = GemmRate.flops(fastest, shape.hidden());
    compileHead(fastest);
    StepTimes probe = times(fastest, setting, 2, 3);
    int steps = (int) Math.max(7, seconds * 1e3 / probe.wallMillis());
    int warmUp = Math.max(2, steps / 2);
    StepTimes times = times(fastest, setting, warmUp, steps);
    limit = Math.max(limit, GemmRate.flops(fastest, shape.hidden()));
    double tokens = (double) setting.lanes() * examples * shape.tokens();
    double millis =
        threads == 1 && !device(fastest)
            ? times.processorMillis()
            : times.wallMillis(); // a device works while its thread waits
    double flops = 4 * shape.parameters() * tokens / millis * 1e3;
    out.printf(
        Locale.ROOT,
        "| %s | %d | %d x %d | %d, %s | %.2f | %.2f | %.0f | %.1f | %.1f | %.0f %% | %.1f kB | %s |%n",
        shape.label(),
        setting.lanes(),
        examples,
        shape.tokens(),
        setting.rank(),
        String.join("+", shape.targets()),
        times.wallMillis(),
        times.processorMillis(),
        tokens / millis * 1e3,
        flops / 1e9,
        threads * limit / 1e9,
        100 * flops / (threads * limit),
        times.allocatedBytes() / 1e3,
        against(times, setting));
    if (device(fastest)) {
      out.printf(
          Locale.ROOT,
          "%n%s: %.2f GiB of its memory reserved at most since the start%n%n",
          FastestKernels.on(Devices.named(device)).why(),
          fastest.peakDeviceBytes() / (double) (1 << 30));
    }
    out.flush();
  }

  /**
   * A head's tanh works on one row an example: some hundred steps would pass before the virtual
   * machine compiles it, and leave a box for every vector.
   */
  static void compileHead(Kernels kernels) {
    Arena arena = kernels.arena();
    Tensor x = arena.allocate(1, HEAD_WIDTH);
    kernels.fill(0.5, x);
    Tensor y = arena.allocate(1, HEAD_WIDTH);
    for (int i = 0; i < HEAD_CALLS; i++) {
      kernels.tanh(x, y);
      kernels.tanhGradient(y, x, y);
    }
    kernels.finish();
  }

  private static boolean device(Kernels kernels) {
    return kernels.name().equals("cuda");
  }

  private String against(StepTimes times, Setting setting) {
    if (!plain) {
      return "-";
    }
    Kernels twin = new Nd4jKernels(Precision.FLOAT32);
    double slow = times(twin, setting, 1, PLAIN_STEPS).processorMillis();
    return String.format(Locale.ROOT, "%.1f x", slow / times.processorMillis());
  }

  private StepTimes times(Kernels kernels, Setting setting, int warmUp, int steps) {
    StepShape shape = setting.shape();
    Model model = Models.load(setting.folder(), kernels);
    List<LoraModule> targets = TargetModules.select(model.linearModules(), shape.targets());
    AdapterLayout layout = new AdapterLayout(targets, List.of(), setting.rank(), 2.0);
    RandomKey key = RandomKey.root(1);
    int examples = batch == null ? shape.batch() : batch;
    ClientOptimizer.Settings sgd =
        new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 0.01, 0.01, 0.01);
    LocalTask task =
        new LocalTask(
            0,
            AdapterInit.fresh(layout, new float[0], key),
            LocalPlan.always(Set.of(Role.A, Role.B)),
            new LocalTask.Training(warmUp + steps + 1, examples, examples, sgd));
    Release release = new Release(new Clipper(1), new GaussianNoiser(1, 1));
    ClientTerms terms = new ClientTerms(new PoissonSampler(1), 1, release, Release.PLAIN);
    StepTimes times = new StepTimes(warmUp);
    List<LocalTrainer.Client> clients =
        IntStream.range(0, setting.lanes())
            .mapToObj(client -> new Participant(client, 1, terms, key))
            .map(client -> new LocalTrainer.Client(client, shape.examples(examples)))
            .toList();
    if (threads == 1) {
      new LocalTrainer(model.worker(layout), task, times).train(clients);
      return times;
    }
    try (ParallelWorker worker = ParallelWorker.of(model, layout, threads)) {
      new LocalTrainer(worker, task, times).train(clients);
    }
    return times;
  }
}
