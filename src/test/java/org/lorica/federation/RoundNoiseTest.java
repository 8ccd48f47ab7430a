package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.RunConfig;
import org.lorica.random.RandomKey;
import org.lorica.testing.TinyScenario;

/** A strategy is told of the noise that its sums carry, wherever the privacy plan puts it. */
class RoundNoiseTest {
  private static final double SIGMA = 2;
  private static final double CLIP = 0.5;
  private static final int BATCH = 4; // of the scenario
  private static final int CLIENTS = 9;
  private static final int PER_ROUND = 3;

  @TempDir private static Path dir;
  private static TinyScenario scenario;

  @BeforeAll
  static void write() throws IOException {
    scenario = TinyScenario.in(dir);
  }

  private static CohortNoise noise(double weight, String... settings) {
    RunConfig config = scenario.load(settings).run();
    FederationPrivacy privacy = FederationPrivacy.of(config, CLIENTS);
    List<Participant> participants =
        IntStream.range(0, PER_ROUND)
            .mapToObj(c -> new Participant(c, weight, privacy.terms(12), RandomKey.root(c)))
            .toList();
    return privacy.noise(participants);
  }

  private static String[] and(String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "privacy.noise-multiplier=" + SIGMA,
                "privacy.max-grad-norm=" + CLIP,
                "federation.clients-per-round=" + PER_ROUND));
    settings.addAll(List.of(more));
    return settings.toArray(String[]::new);
  }

  private static void assertClose(double found, double expected) {
    assertThat(found).isCloseTo(expected, Offset.offset(1e-12));
  }

  @Test
  void stepsAreNoisedWhereRecordsAreHidden() {
    CohortNoise noise = noise(1.0 / PER_ROUND, and());
    assertClose(noise.ofClient(), Math.pow(SIGMA * CLIP / BATCH, 2));
    assertClose(noise.ofMean(), Math.pow(SIGMA * CLIP / BATCH, 2) / PER_ROUND);
    assertThat(noise.ofChange()).isZero();
  }

  @Test
  void messagesAreNoisedWhereClientsAreHidden() {
    CohortNoise noise = noise(1.0 / PER_ROUND, and("privacy.unit=client"));
    assertThat(noise.ofMean()).isZero();
    assertClose(noise.ofChange(), Math.pow(SIGMA * CLIP, 2) / PER_ROUND);
  }

  @Test
  void theSumIsNoisedOnceByATrustedServer() {
    CohortNoise noise =
        noise(
            1,
            and(
                "privacy.unit=client",
                "privacy.threat-model=central",
                "federation.participation=poisson"));
    assertThat(noise.ofMean()).isZero();
    assertClose(noise.ofChange(), Math.pow(SIGMA * CLIP / PER_ROUND, 2));
  }

  @Test
  void withoutPrivacyThereIsNone() {
    assertThat(noise(1.0 / PER_ROUND, and("privacy.mode=none"))).isEqualTo(CohortNoise.NONE);
  }
}
