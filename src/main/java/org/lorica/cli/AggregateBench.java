package org.lorica.cli;

import com.sun.management.ThreadMXBean;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.lorica.federation.Cohort;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.federation.TrainingStats;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.LoraModule;
import org.lorica.random.RandomKey;
import org.lorica.sketch.ClientMessage;
import org.lorica.sketch.FixedPointSum;
import org.lorica.sketch.Rebuild;
import org.lorica.sketch.TrainedClient;
import org.lorica.strategy.FedAsk;
import org.lorica.strategy.FedAvg;
import org.lorica.strategy.FedEx;
import org.lorica.strategy.FedSvd;
import org.lorica.strategy.FfaLora;
import org.lorica.strategy.FlexLora;
import org.lorica.strategy.Flora;
import org.lorica.strategy.LaAsk;
import org.lorica.strategy.LaLora;
import org.lorica.strategy.RoLora;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What one module's aggregation costs the driver, method by method. */
@Command(
    name = "aggregate",
    description =
        "Driver milliseconds and heap per method for aggregating one module; clients' messages and"
            + " their sums are not counted.",
    mixinStandardHelpOptions = true)
final class AggregateBench implements Callable<Integer> {
  @Option(
      names = "--size",
      split = ",",
      defaultValue = "256x256,1024x1024",
      description = "Sizes OUTxIN of the module (default ${DEFAULT-VALUE}).")
  private List<String> sizes;

  @Option(
      names = "--rank",
      split = ",",
      defaultValue = "16",
      description = "LoRA ranks (default ${DEFAULT-VALUE}).")
  private List<Integer> ranks;

  @Option(
      names = "--clients",
      split = ",",
      defaultValue = "8",
      description = "Clients (default ${DEFAULT-VALUE}).")
  private List<Integer> clients;

  @Option(
      names = "--repeats",
      defaultValue = "5",
      description = "Measurements; the median is shown (default ${DEFAULT-VALUE}).")
  private int repeats;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "| out x in | rank | clients | method | driver ms | against dense | heap allocated, MiB |");
    out.println("|---|---|---|---|---|---|---|");
    for (String size : sizes) {
      for (int rank : ranks) {
        for (int count : clients) {
          table(clients(size, rank, count), out);
        }
      }
    }
    out.flush();
    return 0;
  }

  private static List<AdapterSet> clients(String size, int rank, int count) {
    if (!size.matches("[1-9][0-9]{0,5}x[1-9][0-9]{0,5}")) {
      throw new IllegalArgumentException("--size must be OUTxIN such as 1024x768, got " + size);
    }
    if (rank < 1 || count < 1) {
      throw new IllegalArgumentException(
          "--rank and --clients must be > 0, got " + rank + " and " + count);
    }
    String[] sides = size.split("x", 2);
    LoraModule module =
        new LoraModule("module", Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
    AdapterLayout layout = new AdapterLayout(List.of(module), List.of(), rank, 1);
    List<AdapterSet> all = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      float[] values = new float[layout.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) RandomKey.root(k).gaussian(i);
      }
      all.add(AdapterSet.of(layout, values));
    }
    return all;
  }

  /** What a measurement found. */
  private record Cost(double milliseconds, double mebibytes) {}

  private void table(List<AdapterSet> adapters, PrintWriter out) {
    AdapterLayout layout = adapters.get(0).layout();
    int rank = layout.rank(0);
    Map<String, Runner> methods = new LinkedHashMap<>();
    methods.put("flexlora, dense sum and full SVD", () -> dense(adapters));
    strategies(rank).forEach((name, s) -> methods.put(name, () -> measured(s, adapters)));
    double plain = 0;
    for (Map.Entry<String, Runner> method : methods.entrySet()) {
      Cost cost = median(method.getValue());
      plain = plain == 0 ? cost.milliseconds() : plain;
      out.printf(
          Locale.ROOT,
          "| %d x %d | %d | %d | %s | %.2f | %.0f x | %.1f |%n",
          layout.modules().get(0).out(),
          layout.modules().get(0).in(),
          rank,
          adapters.size(),
          method.getKey(),
          cost.milliseconds(),
          plain / cost.milliseconds(),
          cost.mebibytes());
      out.flush();
    }
  }

  static Map<String, Strategy> strategies(int rank) {
    LaLora alternating = new LaLora(1, 2, LaLora.Filter.NONE, OptionalDouble.empty());
    FedAsk wide = fedAsk(FedAsk.Clients.BOTH, rank, 1);
    Map<String, Strategy> all = new LinkedHashMap<>();
    all.put("flexlora", new FlexLora());
    all.put("flora", new Flora());
    all.put("fedex", new FedEx());
    all.put("laask", new LaAsk(alternating, wide));
    all.put("fedask, both factors", wide);
    all.put("fedask, private", fedAsk(FedAsk.Clients.B, 0, 0));
    all.put("fedsvd", new FedSvd());
    all.put("fedavg, lalora", new FedAvg());
    all.put("ffa", new FfaLora());
    all.put("rolora", new RoLora());
    return all;
  }

  private static FedAsk fedAsk(FedAsk.Clients clients, int oversampling, int powerIterations) {
    return new FedAsk(
        clients,
        oversampling,
        powerIterations,
        Rebuild.Split.BALANCED,
        FedAsk.Aggregation.TWO_STAGE);
  }

  private interface Runner {
    Cost run();
  }

  private Cost median(Runner runner) {
    runner.run();
    double[] times = new double[Math.max(1, repeats)];
    double heap = 0;
    for (int i = 0; i < times.length; i++) {
      Cost cost = runner.run();
      times[i] = cost.milliseconds();
      heap = Math.max(heap, cost.mebibytes());
    }
    Arrays.sort(times);
    return new Cost(times[times.length / 2], heap);
  }

  /** The plain twin: Σ BₖAₖ/K formed in full, all singular vectors, √Σ on both sides. */
  private static Cost dense(List<AdapterSet> adapters) {
    Meter meter = new Meter();
    LoraModule module = adapters.get(0).layout().modules().get(0);
    Matrix sum = Matrix.zeros(module.out(), module.in());
    for (AdapterSet adapter : adapters) {
      LoraFactors factors = adapter.factors().get(0);
      sum = sum.plus(factors.scaled(1.0 / adapters.size()).product());
    }
    LinearAlgebra.Svd svd = LinearAlgebra.svd(sum);
    int rank = Math.min(adapters.get(0).layout().rank(0), svd.values().count());
    double[] roots = Arrays.copyOf(svd.values().toArray(), rank);
    for (int j = 0; j < rank; j++) {
      roots[j] = Math.sqrt(roots[j]);
    }
    Matrix b = svd.u().firstColumns(rank).scaledColumns(roots);
    Matrix a = svd.vt().transpose().firstColumns(rank).scaledColumns(roots).transpose();
    adapters.get(0).withFactors(List.of(new LoraFactors(b, a)));
    return meter.cost();
  }

  private static Cost measured(Strategy strategy, List<AdapterSet> adapters) {
    Meter meter = new Meter();
    strategy.aggregate(
        new RoundContext(0, RandomKey.root(1), adapters.get(0)),
        new MeasuredCohort(adapters, meter));
    return meter.cost();
  }

  /** Time and heap of this thread, but for what is told to be somebody else's. */
  private static final class Meter {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long begin = System.nanoTime();
    private long bytes = allocated();

    private static long allocated() {
      return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    void leaveOut(long fromTime, long fromBytes) {
      begin += System.nanoTime() - fromTime;
      bytes += allocated() - fromBytes;
    }

    Cost cost() {
      return new Cost((System.nanoTime() - begin) / 1e6, (allocated() - bytes) / 0x1p20);
    }
  }

  private record MeasuredCohort(List<AdapterSet> adapters, Meter meter) implements Cohort {
    @Override
    public List<Matrix> weightedSum(ClientMessage message) {
      long time = System.nanoTime();
      long bytes = Meter.allocated();
      FixedPointSum sum = new FixedPointSum();
      for (AdapterSet adapter : adapters) {
        sum.addInPlace(message.from(TrainedClient.untrained(adapter)), 1.0 / adapters.size());
      }
      List<Matrix> total = sum.toMatrices();
      meter.leaveOut(time, bytes);
      return total;
    }

    @Override
    public TrainingStats stats() {
      return new TrainingStats(adapters.size(), 0, 0, 0, 0);
    }

    @Override
    public void close() {}
  }
}
