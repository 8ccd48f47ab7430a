package org.lorica.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.Evaluator;
import org.lorica.federation.Federation;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.LocalCohort;
import org.lorica.federation.RoundContext;
import org.lorica.federation.RoundResult;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.random.RandomKey;
import org.lorica.strategy.FedAvg;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RandomClients;
import org.lorica.testing.TinyScenario;

/** The examples of docs/extending.md run, and the page shows them as they are. */
class ExamplesTest {
  @TempDir private Path dir;

  @Test
  void aServerStepOfOneIsAverageAndOfAHalfIsHalfWay() {
    RandomClients clients = RandomClients.of(1, 5, 4, RandomClients.Share.OWN_A);
    RoundContext round = new RoundContext(0, RandomKey.root(1), clients.first());
    AdapterSet average = new FedAvg().aggregate(round, clients.cohort());
    AdapterSet whole = new ServerStep(1).aggregate(round, clients.cohort());
    AdapterSet half = new ServerStep(0.5).aggregate(round, clients.cohort());
    for (int m = 0; m < average.factors().size(); m++) {
      Matrix goal = average.factors().get(m).b();
      Matrix start = clients.first().factors().get(m).b();
      assertThat(whole.factors().get(m).b().minus(goal).norm()).isLessThan(1e-5);
      assertThat(half.factors().get(m).b().minus(goal.plus(start).scaled(0.5)).norm())
          .isLessThan(1e-5);
    }
    assertThat(half.tensors(java.util.Set.of(Role.HEAD))).isNotEmpty();
  }

  /** The new strategy on the new clients, under the privacy plan as any other. */
  @Test
  void aPopulationInCodeIsTrainedOnUnderAPrivacyPlan() throws IOException {
    LoadedConfig loaded = TinyScenario.in(dir).load("federation.rounds=2");
    // docs: run
    Sensors sensors = new Sensors(9, 20);
    Workbench workbench = Workbench.over(loaded.run(), sensors);
    FederationPrivacy privacy = FederationPrivacy.of(loaded.run(), sensors.clients());
    List<RoundResult> rounds = new ArrayList<>();
    AdapterSet start = workbench.initialAdapter(RandomKey.root(42));
    AdapterSet trained =
        new Federation(loaded.run(), workbench, new ServerStep(0.5), privacy, List.of(rounds::add))
            .run(LocalCohort.pool(workbench, 2), start, new Evaluator(workbench, 2));
    // docs: end
    assertThat(rounds).hasSize(2);
    assertThat(trained).isNotEqualTo(start);
    assertThat(rounds.get(1).epsilon().getAsDouble()).isBetween(1.0, 8.0);
  }

  @Test
  void thePageShowsTheExamplesAsTheyAre() throws IOException {
    String page = Files.readString(Path.of("docs/extending.md"));
    for (String file : List.of("ServerStep", "Sensors", "ExamplesTest")) {
      String source =
          Files.readString(Path.of("src/test/java/org/lorica/examples/" + file + ".java"));
      Matcher part =
          Pattern.compile("(?s) *// docs: \\w+\\n(.*?\\n) *// docs: end\\n").matcher(source);
      assertThat(part.find()).as(file).isTrue();
      assertThat(page)
          .contains("```java\n" + part.group(1).stripTrailing().stripIndent() + "\n```");
    }
  }
}
