package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.LoadedConfig;
import org.lorica.data.Example;
import org.lorica.testing.RunTrace;
import org.lorica.testing.TinyScenario;

/** Private runs in which chosen clients hold a record that the model cannot take. */
class FaultsTest {
  @TempDir private Path dir;
  private TinyScenario scenario;

  @BeforeEach
  void write() throws IOException {
    scenario = TinyScenario.in(dir);
  }

  /** All records in every batch, so that who fails is certain. */
  private LoadedConfig config(String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of("privacy.sampling-probability=1", "federation.clients-per-round=9"));
    settings.addAll(List.of(more));
    return scenario.load(settings.toArray(String[]::new));
  }

  private static RunTrace run(LoadedConfig config, Set<Integer> broken) {
    Workbench workbench = Workbench.shared(config.resolvedHocon());
    List<Example> unfit = List.of(new Example(new int[] {0, 9999, 1}, 0));
    return RunTrace.of(
        config,
        LocalCohort.pool(
            (task, p) ->
                broken.contains(p.client())
                    ? workbench.train(task, p, unfit)
                    : workbench.train(task, p),
            2));
  }

  @Test
  void clientsThatFailAreNamedAndChargedAndTheOthersStillLearn() {
    RunTrace trace = run(config(), Set.of(2, 5));
    RunTrace sound = run(config(), Set.of());
    for (RunTrace.Round round : trace.rounds()) {
      assertThat(round.stats().clients()).isEqualTo(9);
      assertThat(round.turnout().status()).isEqualTo(Turnout.Status.AGGREGATED);
      assertThat(round.turnout().dropped()).extracting(ClientFailure::client).containsExactly(2, 5);
      assertThat(round.turnout().dropped().get(0).reason()).contains("9999");
    }
    assertThat(trace.ledger()).isEqualTo(sound.ledger());
    assertThat(trace.rounds().get(3).epsilon()).isEqualTo(sound.rounds().get(3).epsilon());
    assertThat(trace.rounds().get(1).server()).isNotEqualTo(trace.rounds().get(0).server());
    assertThat(trace.rounds().get(0).server()).isNotEqualTo(sound.rounds().get(0).server());
    assertThat(sound.rounds().get(0).turnout().dropped()).isEmpty();
  }

  @Test
  void aRoundOfTooFewIsVoidAndChargedAndLeavesAdapterAndStrategyAsTheyWere() {
    String[] settings = {"federation.min-clients=8", "strategy.name=aslora"};
    RunTrace trace = run(config(settings), Set.of(2, 5));
    RunTrace sound = run(config(settings), Set.of());
    for (RunTrace.Round round : trace.rounds()) {
      assertThat(round.turnout().status()).isEqualTo(Turnout.Status.VOID);
      assertThat(round.server()).isEqualTo(trace.rounds().get(0).server());
      assertThat(round.bytes().get(0)).isZero();
    }
    assertThat(trace.rounds().get(0).server().strategy()).isEqualTo(StrategyState.NONE);
    assertThat(trace.ledger()).isEqualTo(sound.ledger());
    RunTrace enough = run(config("federation.min-clients=7"), Set.of(2, 5));
    assertThat(enough.rounds().get(0).turnout().status()).isEqualTo(Turnout.Status.AGGREGATED);
  }

  /** The trusted server's noise is there whoever failed, and every client is charged alike. */
  @Test
  void aTrustedServerReleasesEveryRound() {
    String[] central = {
      "privacy.unit=client", "privacy.threat-model=central", "federation.participation=poisson"
    };
    RunTrace trace = run(config(central), Set.of(0, 1, 2, 3));
    RunTrace sound = run(config(central), Set.of());
    assertThat(trace.everybody()).isEqualTo(sound.everybody());
    for (int i = 1; i < trace.rounds().size(); i++) {
      assertThat(trace.rounds().get(i).turnout().status()).isEqualTo(Turnout.Status.AGGREGATED);
      assertThat(trace.rounds().get(i).server()).isNotEqualTo(trace.rounds().get(i - 1).server());
    }
  }

  @Test
  void whereNobodyCanTrainTheRunEndsInItsFirstRound() {
    assertThatThrownBy(() -> run(config(), Set.of(0, 1, 2, 3, 4, 5, 6, 7, 8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("training failed for all 9 clients of the first round")
        .hasMessageContaining("client 0:");
  }

  @Test
  void aTrustedServerMayNotVoidRounds() {
    String[] central = {
      "privacy.unit=client", "privacy.threat-model=central", "federation.participation=poisson"
    };
    assertThat(scenario.load(central).run().federation().minClients()).isZero();
    assertThat(scenario.load().run().federation().minClients()).isEqualTo(1);
    List<String> wrong = new ArrayList<>(List.of(central));
    wrong.add("federation.min-clients=2");
    assertThatThrownBy(() -> scenario.load(wrong.toArray(String[]::new)))
        .hasMessageContaining("lorica.federation.min-clients must be 0")
        .hasMessageContaining("got 2");
  }
}
