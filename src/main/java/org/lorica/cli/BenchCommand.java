package org.lorica.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.lora.TargetModules;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.model.PerExampleGradients;
import org.lorica.model.ScratchBert;
import org.lorica.model.Worker;
import org.lorica.random.RandomKey;
import org.lorica.tensor.FastestKernels;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorica bench}: measurements, printed as tables. */
@Command(
    name = "bench",
    description = "Measures, and prints a table.",
    mixinStandardHelpOptions = true,
    subcommands = {BenchCommand.Step.class, AggregateBench.class})
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return 2;
  }

  /** One DP step's forward, backward, norms, clip and sum on one thread. */
  @Command(
      name = "step",
      description =
          "Milliseconds per DP step (forward, backward, per-example norms, clipped sum), one thread.",
      mixinStandardHelpOptions = true)
  static final class Step implements Callable<Integer> {
    private static final int VOCABULARY = 260;

    @Option(
        names = "--hidden",
        defaultValue = "256",
        description = "Hidden width (default ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(
        names = "--layers",
        defaultValue = "4",
        description = "Encoder layers (default ${DEFAULT-VALUE}).")
    private int layers;

    @Option(
        names = "--tokens",
        defaultValue = "64",
        description = "Tokens an example (default ${DEFAULT-VALUE}).")
    private int tokens;

    @Option(
        names = "--batch",
        defaultValue = "16",
        description = "Examples a step (default ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
        names = "--rank",
        defaultValue = "8",
        description = "LoRA rank (default ${DEFAULT-VALUE}).")
    private int rank;

    @Option(
        names = "--steps",
        defaultValue = "10",
        description = "Measured steps (default ${DEFAULT-VALUE}).")
    private int steps;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      Path folder = Files.createTempDirectory("lorica-bench");
      try {
        ScratchBert.Size size =
            new ScratchBert.Size(hidden, layers, Math.max(1, hidden / 64), VOCABULARY, tokens);
        ScratchBert.write(folder, size, 4, RandomKey.root(1));
        double fast = median(folder, FastestKernels.here());
        double plain = median(folder, new Nd4jKernels(Precision.FLOAT32));
        out.printf(
            Locale.ROOT,
            "BERT layout, hidden %d, %d layers, %d tokens, batch %d, rank %d on query and value; median of %d steps, 1 thread%n%n",
            hidden,
            layers,
            tokens,
            batch,
            rank,
            steps);
        out.printf("| kernels | ms a step | tokens/s | against plain |%n|---|---|---|---|%n");
        row(out, FastestKernels.here().name(), fast, plain);
        row(out, "nd4j (plain twin)", plain, plain);
        out.flush();
      } finally {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
            Files.delete(path);
          }
        }
      }
      return 0;
    }

    private void row(PrintWriter out, String name, double ms, double plain) {
      out.printf(
          Locale.ROOT,
          "| %s | %.2f | %.0f | %.1f x |%n",
          name,
          ms,
          batch * tokens / ms * 1e3,
          plain / ms);
    }

    private double median(Path folder, Kernels kernels) {
      Model model = Models.load(folder, kernels);
      List<LoraModule> targets =
          TargetModules.select(model.linearModules(), List.of("query", "value"));
      AdapterLayout layout = new AdapterLayout(targets, List.of(), rank, 2.0);
      float[] adapter = AdapterInit.fresh(layout, new float[0], RandomKey.root(1)).toArray();
      ActiveTensors active = ActiveTensors.of(layout, slot -> true);
      Worker worker = model.worker(layout);
      List<Example> examples = examples();
      double[] times = new double[steps];
      for (int i = -3; i < steps; i++) {
        long begin = System.nanoTime();
        step(worker.gradients(adapter, active, examples), active.size());
        if (i >= 0) {
          times[i] = (System.nanoTime() - begin) / 1e6;
        }
      }
      Arrays.sort(times);
      return times[steps / 2];
    }

    private static void step(PerExampleGradients gradients, int size) {
      double[] factors = new double[gradients.examples()];
      for (int e = 0; e < factors.length; e++) {
        factors[e] = Math.min(1, 1 / gradients.norm(e));
      }
      gradients.addScaledTo(factors, new double[size]);
    }

    private List<Example> examples() {
      RandomKey key = RandomKey.root(2);
      List<Example> examples = new ArrayList<>();
      for (int e = 0; e < batch; e++) {
        int[] ids = new int[tokens];
        for (int t = 0; t < tokens; t++) {
          ids[t] = key.with(e).integer(t, VOCABULARY);
        }
        examples.add(new Example(ids, e % 4));
      }
      return examples;
    }
  }
}
