package org.lorica.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.lorica.report.mlflow.TrackingServer;
import org.lorica.tensor.Device;
import org.lorica.tensor.DeviceException;
import org.lorica.tensor.FastestKernels;
import org.lorica.tensor.NativeBackend;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorica doctor}: whether a run can succeed here, and what to change if not. */
@Command(
    name = "doctor",
    description =
        "Checks Java, Spark, memory, cores, kernels, GPUs and folders of this machine. Exit code 1"
            + " if something prevents a run.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  private static final long RUNS_NEED = 64L << 20;
  private static final long CACHE_NEEDS = 512L << 20; // the unpacked libraries

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "runs",
      description = "Folder that runs are to be written to (default ${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "--device",
      paramLabel = "auto|cpu|cuda",
      defaultValue = "auto",
      description = "What shall compute (default ${DEFAULT-VALUE}).")
  private String device;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.java(
            Runtime.version(),
            ModuleLayer.boot().modules().stream().map(Module::getName).toList()));
    findings.add(
        Finding.spark(
            org.apache.spark.package$.MODULE$.SPARK_VERSION(),
            scala.util.Properties$.MODULE$.versionNumberString()));
    findings.add(Finding.memory(Runtime.getRuntime().maxMemory(), machineMemory()));
    findings.add(
        Finding.cores(
            Runtime.getRuntime().availableProcessors(),
            new SparkConf().get("spark.master", "local[*]")));
    findings.addAll(kernels(Devices.named(device)));
    findings.add(Finding.folder("runs", out, RUNS_NEED));
    findings.add(
        Finding.folder("temporary", Path.of(System.getProperty("java.io.tmpdir")), RUNS_NEED));
    findings.add(tracking(System.getenv()));
    PrintWriter console = spec.commandLine().getOut();
    findings.forEach(f -> console.println(line(f)));
    long problems = findings.stream().filter(f -> f.level() == Finding.Level.PROBLEM).count();
    console.println(
        problems == 0
            ? "Nothing prevents a run. Try: ./submit/lorica train conf/quickstart.conf"
            : problems + (problems == 1 ? " problem prevents a run." : " problems prevent a run."));
    console.flush();
    return problems == 0 ? 0 : 1;
  }

  static String line(Finding finding) {
    String mark =
        switch (finding.level()) {
          case OK -> "ok";
          case NOTE -> "note";
          case PROBLEM -> "PROBLEM";
        };
    String remedy =
        finding.remedy().isEmpty()
            ? ""
            : System.lineSeparator() + " ".repeat(24) + "→ " + finding.remedy();
    return String.format("%-8s%-16s%s%s", mark, finding.thing(), finding.found(), remedy);
  }

  private static List<Finding> kernels(Device device) {
    List<String> gpus = gpus();
    try {
      FastestKernels.Choice choice = FastestKernels.on(device);
      NativeBackend loaded = NativeBackend.load(device);
      String names = loaded.kernels() + "; " + loaded.nd4j() + "; " + loaded.blas();
      return List.of(
          Finding.kernels(names, loaded.blasThreads(), NativeBackend.productError(device)),
          Finding.ok("device", choice.kernels().name() + ": " + choice.why()),
          Finding.nativeMemory(loaded.memory().cap(), loaded.memory().processCap()),
          Finding.folder("libraries", Path.of(loaded.memory().cache()), CACHE_NEEDS),
          Finding.gpus(gpus, loaded.kernels()));
    } catch (DeviceException e) {
      return List.of(
          Finding.problem("device", e.getMessage(), "docs/gpu.md says what must be installed"),
          Finding.gpus(gpus, "none"));
    } catch (IOException | RuntimeException | LinkageError e) {
      return List.of(
          Finding.problem(
              "kernels",
              "not loaded: " + e,
              "Lorica's native libraries are for Linux x86-64 with glibc; this is "
                  + System.getProperty("os.name")
                  + " "
                  + System.getProperty("os.arch")),
          Finding.gpus(gpus, "none"));
    }
  }

  private static Finding tracking(Map<String, String> environment) {
    try {
      Optional<TrackingServer> server = TrackingServer.of(Optional.empty(), environment);
      return Finding.ok("MLflow", server.map(s -> "tracking to " + s).orElse("no tracking"));
    } catch (IllegalArgumentException e) {
      return Finding.problem("MLflow", "the environment names no server", e.getMessage());
    }
  }

  private static long machineMemory() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getTotalMemorySize();
  }

  /** One line a GPU; none where the driver's tool is missing. */
  private static List<String> gpus() {
    try {
      Process process =
          new ProcessBuilder(
                  "nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader")
              .redirectErrorStream(true)
              .start();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return List.of();
      }
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.exitValue() == 0 ? said.lines().filter(l -> !l.isBlank()).toList() : List.of();
    } catch (IOException e) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }
}
