package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.RunConfig;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.SizedPopulation;
import org.lorica.report.PrivacyStatement;
import org.lorica.testing.TinyScenario;

/** What privacy.json has to admit. */
class StatementsTest {
  private static final int CLIENTS = 9;
  private static final String[] CENTRAL = {
    "privacy.unit=client", "privacy.threat-model=central", "federation.participation=poisson"
  };

  @TempDir private Path dir;
  private TinyScenario scenario;

  @BeforeEach
  void write() throws IOException {
    scenario = TinyScenario.in(dir);
  }

  private PrivacyStatement statement(String... settings) {
    RunConfig config = scenario.load(settings).run();
    FederationPrivacy privacy = FederationPrivacy.of(config, CLIENTS);
    return Statements.of(privacy, new SizedPopulation(List.of(5, 6, 7, 8, 9, 10, 11, 12, 50)), 4);
  }

  private String notCovered(String... settings) {
    return String.join("\n", statement(settings).notCovered());
  }

  @Test
  void aDeltaThatLetsSomeRecordsOutIsNamed() {
    assertThat(notCovered("privacy.delta=0.02")).contains("delta = 0.02 is not below 1/50");
    assertThat(notCovered("privacy.delta=0.019")).doesNotContain("is not below");
    assertThat(notCovered("privacy.delta=0.12", "privacy.unit=client"))
        .contains("not below 1/9, the clients");
    assertThat(notCovered("privacy.delta=0.5", "privacy.mode=none")).doesNotContain("not below");
  }

  @Test
  void whatTheFirstAdapterSpentIsNamed() {
    assertThat(notCovered("adapter.init=some/run/adapter"))
        .contains("adapter.init = some/run/adapter")
        .contains("comes on top");
    assertThat(notCovered()).doesNotContain("comes on top");
  }

  @Test
  void thatRecordsWereDealtOutIsAnAssumption() {
    String dealt = "who holds which record is given";
    assertThat(String.join("\n", statement().assumptions())).contains(dealt);
    assertThat(String.join("\n", statement("clients.partitioner=natural").assumptions()))
        .doesNotContain(dealt);
    assertThat(statement("privacy.mode=none").assumptions()).isEmpty();
  }

  @Test
  void whoTookPartIsNamedWhereItMustNotBeKnown() {
    assertThat(notCovered()).doesNotContain("who took part");
    assertThat(notCovered("federation.participation=poisson"))
        .contains("who took part")
        .contains("third-party figure holds only");
    assertThat(notCovered(CENTRAL)).contains("who took part").contains("epsilon holds only");
  }

  @Test
  void figuresOfContinuousNoiseAreNamedBesideSecureNoise() {
    assertThat(notCovered("noise.mode=secure")).contains("continuous noise");
    assertThat(notCovered()).doesNotContain("continuous noise");
  }

  @Test
  void aTrustedServerTellsNobodyWhoTookPart() {
    PrivacyStatement central = statement(CENTRAL);
    assertThat(central.ledger()).hasSize(1);
    assertThat(central.ledger().get(0).clients()).isEqualTo(CLIENTS);
    PrivacyStatement.Participations told = central.mechanism().participations();
    assertThat(told.max()).isEqualTo(told.cap());
    assertThat(told.median()).isEqualTo(told.cap());
  }
}
