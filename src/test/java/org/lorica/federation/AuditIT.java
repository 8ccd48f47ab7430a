package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.config.ConfigLoader;
import org.lorica.config.LoadedConfig;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.FixedSizeSampler;
import org.lorica.privacy.audit.AuditResult;
import org.lorica.random.RandomKey;
import org.lorica.strategy.Strategies;
import org.lorica.testing.BrokenBuilds;

/**
 * The audit against whole runs of the quickstart's model: a sound build passes, every broken one
 * fails. Significance 1e-5.
 */
class AuditIT {
  private static final double BATCH = 40;

  @TempDir private Path dir;

  private AuditResult audit(AuditRun.Build build, String... more) throws IOException {
    Path scenario = Files.writeString(dir.resolve("audited.conf"), "lorica.name = audited\n");
    List<String> overrides =
        new ArrayList<>(
            List.of(
                "model.path=" + Path.of("conf/names-base").toAbsolutePath(),
                "model.max-length=12",
                "data.source=jdk-locale-names",
                "data.languages=[\"de\",\"fr\"]",
                "data.max-test-examples=10",
                "clients.count=2",
                "clients.partitioner=iid",
                "clients.max-examples=100",
                "lora.rank=8",
                "federation.rounds=4",
                "federation.clients-per-round=2",
                "federation.local-steps=4",
                "federation.evaluate-every=0",
                "optimizer.learning-rate=0.1",
                "privacy.epsilon=8",
                "privacy.delta=1e-4",
                "privacy.sampling-probability=0.25",
                "privacy.expected-batch-size=" + BATCH));
    overrides.addAll(List.of(more));
    LoadedConfig loaded = ConfigLoader.load(scenario, overrides);
    Workbench workbench = Workbench.shared(loaded.resolvedHocon());
    try {
      AuditRun audit = new AuditRun(workbench, new AuditRun.Settings(6_000, 5, build));
      FederationPrivacy privacy =
          FederationPrivacy.of(loaded.run(), workbench.population().clients());
      new Federation(loaded.run(), workbench, Strategies.of(loaded.run()), privacy, List.of())
          .run(
              audit.pool(2),
              workbench.initialAdapter(RandomKey.root(1)),
              new Evaluator(workbench, 2));
      return AuditResult.of(
          audit.traces(),
          new AuditResult.Claim(privacy.epsilonSoFar().getAsDouble(), 1e-4, 1e-5),
          audit.retries());
    } finally {
      Workbench.release(loaded.resolvedHocon());
    }
  }

  private static Participant with(Participant planned, ClientTerms terms) {
    return new Participant(planned.client(), planned.weight(), terms, planned.key());
  }

  @ParameterizedTest
  @ValueSource(strings = {"simulation", "secure"})
  void aSoundBuildPassesAndTheAttackFindsSomething(String noise) throws IOException {
    AuditResult result = audit(AuditRun.Build.SOUND, "noise.mode=" + noise);
    assertThat(result.passed()).as(result.toString()).isTrue();
    assertThat(result.refuted()).isGreaterThan(0.3);
    assertThat(result.mechanism()).hasSize(3);
    assertThat(result.retries().attempts()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(BrokenBuilds.class)
  void aBrokenBuildFails(BrokenBuilds broken) throws IOException {
    AuditResult result =
        audit((planned, attempt) -> with(planned, broken.of(planned.terms(), BATCH)));
    assertThat(result.passed()).as(result.toString()).isFalse();
  }

  /** Without noise, and without a clip, the bounds alone refute the claim. */
  @ParameterizedTest
  @EnumSource(names = {"NOISE_OFF", "NO_CLIP", "NOISE_ON_THE_MEAN"})
  void grossFaultsRefuteTheClaimedEpsilonItself(BrokenBuilds broken) throws IOException {
    AuditResult result =
        audit(
            (planned, attempt) -> with(planned, broken.of(planned.terms(), BATCH)),
            "privacy.epsilon=2");
    assertThat(result.refuted()).as(result.toString()).isGreaterThan(result.claim().epsilon());
  }

  @Test
  void aRetryThatRedrawsItsNoiseFails() throws IOException {
    AuditResult result =
        audit(
            (planned, attempt) ->
                new Participant(
                    planned.client(),
                    planned.weight(),
                    planned.terms(),
                    attempt == 0 ? planned.key() : planned.key().with(attempt)));
    assertThat(result.retries().differed()).isPositive();
    assertThat(result.passed()).isFalse();
  }

  /** Each record once in four steps: what a loader does that shuffles and cuts. */
  @Test
  void aSamplerThatShufflesWhileThePlanSaysPoissonFails() throws IOException {
    AuditResult result =
        audit(
            (planned, attempt) -> {
              ClientTerms t = planned.terms();
              int batch = 400; // a quarter of 100 records and some 1,500 canaries
              return with(
                  planned,
                  new ClientTerms(
                      new FixedSizeSampler(batch, FixedSizeSampler.Order.SHUFFLED),
                      t.samplingProbability(),
                      t.step(),
                      t.message()));
            },
            "privacy.epsilon=16"); // at 8 the noise leaves the variance's p-value near the 1e-5
    // that counts
    assertThat(result.passed()).as(result.toString()).isFalse();
    assertThat(result.mechanism()).hasSize(3);
    assertThat(result.stands(result.mechanism().get(2))).isFalse();
  }

  @Test
  void tooManyCanariesForTheTrainedValuesAreRefused() {
    assertThatThrownBy(() -> audit(AuditRun.Build.SOUND, "lora.rank=1"))
        .hasMessageContaining("lower --canaries");
  }
}
