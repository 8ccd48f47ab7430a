package org.lorica.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.Population;
import org.lorica.federation.Workbench;
import org.lorica.privacy.Accountant;
import org.lorica.privacy.Calibration;
import org.lorica.privacy.PldAccountant;
import org.lorica.privacy.RdpAccountant;
import org.lorica.privacy.SampledGaussian;
import org.lorica.privacy.TwoLevel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorica privacy}: the accountants by themselves, and what a scenario would guarantee. */
@Command(
    name = "privacy",
    description = "Computes epsilon or sigma; explains what a scenario guarantees.",
    mixinStandardHelpOptions = true)
final class PrivacyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  /** Which accountant answers. */
  enum Choice {
    PLD,
    RDP,
    BOTH;

    List<Accountant> accountants() {
      List<Accountant> chosen = new ArrayList<>();
      if (this != RDP) {
        chosen.add(new PldAccountant());
      }
      if (this != PLD) {
        chosen.add(new RdpAccountant());
      }
      return chosen;
    }
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return 2;
  }

  @Command(
      name = "epsilon",
      description = "Epsilon of a number of steps; one JSON object a line.",
      mixinStandardHelpOptions = true)
  int epsilon(
      @Option(names = "--q", required = true, description = "Sampling probability.") double q,
      @Option(names = "--sigma", required = true, description = "Noise multiplier.") double sigma,
      @Option(names = "--steps", required = true, description = "Steps.") int steps,
      @Option(names = "--delta", required = true, description = "Delta.") double delta,
      @Option(names = "--accountant", defaultValue = "pld", description = "pld, rdp or both.")
          Choice choice)
      throws JsonProcessingException {
    for (Accountant accountant : choice.accountants()) {
      double value = accountant.epsilon(new SampledGaussian(q, sigma), steps, delta);
      print("epsilon", value, accountant);
    }
    return 0;
  }

  @Command(
      name = "sigma",
      description = "Least noise multiplier for an epsilon; one JSON object a line.",
      mixinStandardHelpOptions = true)
  int sigma(
      @Option(names = "--epsilon", required = true, description = "Target, nats.") double epsilon,
      @Option(names = "--q", required = true, description = "Sampling probability.") double q,
      @Option(names = "--steps", required = true, description = "Steps.") int steps,
      @Option(names = "--delta", required = true, description = "Delta.") double delta,
      @Option(names = "--accountant", defaultValue = "pld", description = "pld, rdp or both.")
          Choice choice)
      throws JsonProcessingException {
    for (Accountant accountant : choice.accountants()) {
      print("sigma", Calibration.noiseMultiplier(accountant, epsilon, q, steps, delta), accountant);
    }
    return 0;
  }

  @Command(
      name = "table",
      description =
          "Appends eps_pld,eps_rdp to the rows of a CSV with columns q,sigma,steps,delta, or"
              + " sigma_pld,sigma_rdp where the columns are q,steps,delta,target_eps.",
      mixinStandardHelpOptions = true)
  int table(@Parameters(paramLabel = "FILE.csv") Path file) {
    CsvTable table = CsvTable.read(file);
    Accountant pld = new PldAccountant();
    Accountant rdp = new RdpAccountant();
    boolean calibrate = table.has("target_eps");
    if (calibrate == table.has("sigma")) {
      throw new IllegalArgumentException(
          file
              + ": the columns must hold exactly one of sigma and target_eps, found "
              + table.columns());
    }
    String name = calibrate ? "sigma" : "eps";
    return append(
        table,
        name + "_pld," + name + "_rdp",
        row -> answer(row, pld, calibrate) + "," + answer(row, rdp, calibrate));
  }

  private static double answer(CsvTable.Row row, Accountant accountant, boolean calibrate) {
    double q = row.number("q");
    int steps = row.whole("steps");
    double delta = row.number("delta");
    return calibrate
        ? Calibration.noiseMultiplier(accountant, row.number("target_eps"), q, steps, delta)
        : accountant.epsilon(new SampledGaussian(q, row.number("sigma")), steps, delta);
  }

  @Command(
      name = "two-level",
      description =
          "Appends eps_server_all_rounds,eps_third_party to the rows of a CSV with columns"
              + " q_record,sigma,tau,p_client,rounds,delta.",
      mixinStandardHelpOptions = true)
  int twoLevel(@Parameters(paramLabel = "FILE.csv") Path file) {
    Accountant pld = new PldAccountant();
    return append(
        CsvTable.read(file),
        "eps_server_all_rounds,eps_third_party",
        row -> {
          SampledGaussian step = new SampledGaussian(row.number("q_record"), row.number("sigma"));
          int tau = row.whole("tau");
          int rounds = row.whole("rounds");
          double delta = row.number("delta");
          double server = pld.epsilon(step, Math.multiplyExact(tau, rounds), delta);
          double third = new TwoLevel(step, tau, row.number("p_client"), rounds).epsilon(delta);
          return server + "," + third;
        });
  }

  /** All rows are computed before the first is printed: a bad row leaves no half table behind. */
  private int append(CsvTable table, String header, CsvTable.Answer answer) {
    List<String> lines = table.with(header, answer);
    PrintWriter out = spec.commandLine().getOut();
    lines.forEach(out::println);
    out.flush();
    return 0;
  }

  @Command(
      name = "explain",
      description = "Says in plain words what a run of a scenario would guarantee.",
      mixinStandardHelpOptions = true)
  int explain(@Mixin ConfigOptions options) {
    LoadedConfig loaded = options.scenario();
    try {
      Population population = Workbench.shared(loaded.resolvedHocon()).population();
      FederationPrivacy privacy = FederationPrivacy.of(loaded.run(), population.clients());
      PrintWriter out = spec.commandLine().getOut();
      out.print(new Explanation(loaded.run(), privacy, population).text());
      out.flush();
      return 0;
    } finally {
      Workbench.release(loaded.resolvedHocon());
    }
  }

  private void print(String name, double value, Accountant accountant)
      throws JsonProcessingException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put(name, value);
    line.put("accountant", accountant.name());
    PrintWriter out = spec.commandLine().getOut();
    out.println(new ObjectMapper().writeValueAsString(line));
    out.flush();
  }
}
