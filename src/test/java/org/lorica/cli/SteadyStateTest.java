package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.data.Example;
import org.lorica.federation.ClientOptimizer;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.LocalTask;
import org.lorica.federation.LocalTrainer;
import org.lorica.federation.Participant;
import org.lorica.federation.StepObserver;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.Role;
import org.lorica.lora.TargetModules;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Clipper;
import org.lorica.privacy.GaussianNoiser;
import org.lorica.privacy.PoissonSampler;
import org.lorica.privacy.Release;
import org.lorica.random.RandomKey;
import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.Kernels;

/**
 * What a DP step leaves on the heap once the compiler has done its work. In one virtual machine of
 * about ten it leaves the vectors of one loop in boxes, some MB a step, so that up to three of them
 * are asked and the least counts.
 */
class SteadyStateTest {
  private static final long SEED = 20_267;
  private static final int RECORDS = 8;
  private static final int WINDOW = 10; // steps
  private static final long MOST = 16_000; // bytes a step

  @TempDir Path folder;

  /** Batches of 0 to 8 examples of 20 to 64 tokens. */
  @ParameterizedTest
  @CsvSource({"llama-260k, 800", "encoder, 300"})
  void aStepLeavesLessThanHalfAnArrayOfTheAdaptersSize(String label, int steps) throws Exception {
    long least = Long.MAX_VALUE;
    for (int attempt = 0; attempt < 3 && least > MOST; attempt++) {
      least = Math.min(least, inNewVirtualMachine(label, steps));
    }
    assertThat(least).as("bytes a step of %s, seed %d", label, SEED).isLessThanOrEqualTo(MOST);
  }

  private long inNewVirtualMachine(String label, int steps) throws Exception {
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules=jdk.incubator.vector",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
            "-cp",
            System.getProperty("java.class.path"),
            SteadyStateTest.class.getName(),
            Files.createTempDirectory(folder, "model").toString(),
            label,
            Integer.toString(steps));
    builder.environment().put("OMP_NUM_THREADS", "1");
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    int code = process.waitFor();
    List<String> lines = Files.readAllLines(output);
    assertThat(code).as("%s", lines).isZero();
    return Long.parseLong(lines.get(lines.size() - 1));
  }

  /** Prints the bytes a step: folder of the model, name of its shape, steps. */
  public static void main(String[] arguments) {
    Path model = Path.of(arguments[0]);
    StepShape shape =
        StepShape.ALL.stream()
            .filter(s -> s.label().equals(arguments[1]))
            .findFirst()
            .orElseThrow();
    shape.write(model);
    System.out.println(bytesAStep(shape, model, Integer.parseInt(arguments[2])));
    System.exit(0);
  }

  private static long bytesAStep(StepShape shape, Path folder, int steps) {
    Kernels kernels = new CpuKernels();
    BenchStep.compileHead(kernels);
    Model model = Models.load(folder, kernels);
    AdapterLayout layout =
        new AdapterLayout(
            TargetModules.select(model.linearModules(), shape.targets()), List.of(), 8, 2.0);
    assertThat((long) layout.size() * Float.BYTES).isGreaterThan(2 * MOST);
    RandomKey key = RandomKey.root(SEED);
    LocalTask task =
        new LocalTask(
            0,
            AdapterInit.fresh(layout, new float[0], key),
            LocalPlan.always(Set.of(Role.A, Role.B)),
            new LocalTask.Training(
                steps,
                RECORDS,
                RECORDS,
                new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 0.01, 0.01, 0.01)));
    Release release = new Release(new Clipper(1), new GaussianNoiser(1, 1));
    ClientTerms terms = new ClientTerms(new PoissonSampler(0.5), 1, release, Release.PLAIN);
    Marks marks = new Marks();
    new LocalTrainer(model.worker(layout), task, marks)
        .train(new Participant(0, 1, terms, key), examples(shape));
    return marks.leastOfAWindow();
  }

  private static List<Example> examples(StepShape shape) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<Example> examples = new ArrayList<>();
    for (int e = 0; e < RECORDS; e++) {
      int[] ids = random.ints(20 + random.nextInt(shape.tokens() - 19), 0, 260).toArray();
      examples.add(new Example(ids, e % 4));
    }
    return examples;
  }

  /** Bytes that this thread had allocated at the end of every window of steps. */
  private static final class Marks implements StepObserver {
    private final ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final List<Long> bytes = new ArrayList<>();
    private int steps = 0;

    @Override
    public void released(Participant participant, ActiveTensors active, double[] noisySum) {
      if (++steps % WINDOW == 0) {
        bytes.add(thread.getCurrentThreadAllocatedBytes());
      }
    }

    long leastOfAWindow() {
      long least = Long.MAX_VALUE;
      for (int i = 1; i < bytes.size(); i++) {
        least = Math.min(least, bytes.get(i) - bytes.get(i - 1));
      }
      return least / WINDOW;
    }
  }
}
