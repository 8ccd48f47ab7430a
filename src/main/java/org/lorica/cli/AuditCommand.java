package org.lorica.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.lorica.config.LoadedConfig;
import org.lorica.config.RunConfig;
import org.lorica.federation.AuditRun;
import org.lorica.federation.Evaluator;
import org.lorica.federation.Federation;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.Workbench;
import org.lorica.privacy.Protocol;
import org.lorica.privacy.audit.AuditResult;
import org.lorica.privacy.audit.CanaryTrace;
import org.lorica.random.RandomKey;
import org.lorica.report.CanaryHistogram;
import org.lorica.report.ReportPage;
import org.lorica.report.RunFolder;
import org.lorica.report.figure.PaperFigures;
import org.lorica.strategy.Strategies;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorica audit}: attacks a run and holds what it finds against the claimed ε. */
@Command(
    name = "audit",
    description =
        "Runs a scenario with canaries and prints the epsilon that an attacker can prove beside the"
            + " claimed one. Exit code 0: PASS, 1: FAIL.",
    mixinStandardHelpOptions = true)
final class AuditCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Option(
      names = "--canaries",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Canaries over all clients (default ${DEFAULT-VALUE}).")
  private int canaries;

  @Option(
      names = "--significance",
      paramLabel = "P",
      defaultValue = "0.01",
      description = "Most probability that a sound run fails (default ${DEFAULT-VALUE}).")
  private double significance;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (!(significance > 0 && significance < 1)) {
      throw new IllegalArgumentException("--significance must be in (0, 1), got " + significance);
    }
    if (canaries < 100) {
      throw new IllegalArgumentException("--canaries must be >= 100, got " + canaries);
    }
    LoadedConfig loaded = options.scenario("federation.evaluate-every=0");
    Workbench workbench = Workbench.shared(loaded.resolvedHocon());
    try {
      return audit(loaded.run(), workbench);
    } finally {
      Workbench.release(loaded.resolvedHocon());
    }
  }

  private int audit(RunConfig config, Workbench workbench) {
    FederationPrivacy privacy = FederationPrivacy.of(config, workbench.population().clients());
    requireClaim(privacy);
    AuditRun audit =
        new AuditRun(
            workbench,
            new AuditRun.Settings(canaries, config.general().seed(), AuditRun.Build.SOUND));
    privacy.requireCovers(Strategies.of(config));
    privacy.calibrate(workbench.population());
    RunFolder folder =
        RunFolder.create(Path.of(config.general().out()), config.general().name() + "-audit");
    PrintWriter console = spec.commandLine().getOut();
    console.printf(
        "%s: attacking %d rounds with %,d canaries in %d clients%n",
        config.general().name(),
        config.federation().rounds(),
        canaries,
        workbench.population().clients());
    console.flush();
    int threads = Runtime.getRuntime().availableProcessors();
    new Federation(
            config,
            workbench,
            Strategies.of(config),
            privacy,
            List.of(
                round -> {
                  console.printf("round %d/%d%n", round.round(), config.federation().rounds());
                  console.flush();
                }))
        .run(
            audit.pool(threads),
            workbench.initialAdapter(RandomKey.root(config.general().seed())),
            new Evaluator(workbench, threads));
    List<CanaryTrace> traces = audit.traces();
    AuditResult result =
        AuditResult.of(
            traces,
            new AuditResult.Claim(
                privacy.epsilonSoFar().getAsDouble(),
                privacy.plan().terms().claim().delta(),
                significance),
            audit.retries());
    return report(result, traces, folder);
  }

  private static void requireClaim(FederationPrivacy privacy) {
    if (!privacy.plan().terms().claim().made()) {
      throw new IllegalArgumentException(
          "privacy.epsilon must be claimed for an audit to hold against it; set privacy.mode = dp"
              + " and privacy.epsilon");
    }
    if (privacy.plan().terms().protocol().unit() != Protocol.Unit.RECORD) {
      throw new IllegalArgumentException(
          "privacy.unit must be record for an audit, whose canaries are records; got client");
    }
  }

  private int report(AuditResult result, List<CanaryTrace> traces, RunFolder folder) {
    String verdict = result.passed() ? "PASS" : "FAIL";
    String text = AuditText.of(result);
    CanaryHistogram canaries = CanaryHistogram.of(scores(traces, true), scores(traces, false));
    PaperFigures.write(
        List.of(canaries.chart(verdict, result.claim().epsilon(), result.refuted())),
        folder.path());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("verdict", verdict);
    json.put("result", result);
    json.put("canaries", canaries);
    folder.writeJson("audit.json", json);
    ReportPage.of(List.of(folder.path())).write(folder.path().resolve(ReportPage.FILE));
    folder.writeSummary(text);
    Path files = folder.complete();
    PrintWriter console = spec.commandLine().getOut();
    console.println();
    console.print(text);
    console.println("Files: " + files);
    console.flush();
    return result.passed() ? 0 : 1;
  }

  private static List<Double> scores(List<CanaryTrace> traces, boolean in) {
    return traces.stream().filter(t -> t.in() == in).map(CanaryTrace::logLikelihoodRatio).toList();
  }
}
