package org.lorica.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.lorica.privacy.Accountant;
import org.lorica.privacy.Calibration;
import org.lorica.privacy.RdpAccountant;
import org.lorica.privacy.SampledGaussian;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorica privacy}: the accountant by itself; one JSON object a line on standard output. */
@Command(
    name = "privacy",
    description = "Computes epsilon or sigma.",
    mixinStandardHelpOptions = true)
final class PrivacyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return 2;
  }

  @Command(
      name = "epsilon",
      description = "Epsilon of a number of steps.",
      mixinStandardHelpOptions = true)
  int epsilon(
      @Option(names = "--q", required = true, description = "Sampling probability.") double q,
      @Option(names = "--sigma", required = true, description = "Noise multiplier.") double sigma,
      @Option(names = "--steps", required = true, description = "Steps.") int steps,
      @Option(names = "--delta", required = true, description = "Delta.") double delta)
      throws JsonProcessingException {
    Accountant accountant = new RdpAccountant();
    return print(
        "epsilon", accountant.epsilon(new SampledGaussian(q, sigma), steps, delta), accountant);
  }

  @Command(
      name = "sigma",
      description = "Least noise multiplier for an epsilon.",
      mixinStandardHelpOptions = true)
  int sigma(
      @Option(names = "--epsilon", required = true, description = "Target, nats.") double epsilon,
      @Option(names = "--q", required = true, description = "Sampling probability.") double q,
      @Option(names = "--steps", required = true, description = "Steps.") int steps,
      @Option(names = "--delta", required = true, description = "Delta.") double delta)
      throws JsonProcessingException {
    Accountant accountant = new RdpAccountant();
    return print(
        "sigma", Calibration.noiseMultiplier(accountant, epsilon, q, steps, delta), accountant);
  }

  private int print(String name, double value, Accountant accountant)
      throws JsonProcessingException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put(name, value);
    line.put("accountant", accountant.name());
    spec.commandLine().getOut().println(new ObjectMapper().writeValueAsString(line));
    return 0;
  }
}
