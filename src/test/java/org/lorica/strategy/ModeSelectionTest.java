package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.lorica.federation.RoundContext;
import org.lorica.lora.Role;
import org.lorica.random.RandomKey;
import org.lorica.strategy.ModeSelection.Draw;
import org.lorica.strategy.ModeSelection.Policy;
import org.lorica.testing.RandomClients;

class ModeSelectionTest {
  private static final int LAYERS = 12;
  private static final int WARM = 4;
  private static final Draw DRAW = new Draw(0.95, 0.1, 0.05);

  private static ModeSelection selection(Policy policy) {
    return new ModeSelection(policy, WARM, DRAW);
  }

  private static RoundContext round(int number) {
    return new RoundContext(number, RandomKey.root(5), RandomClients.start(1, 2));
  }

  private static LayerScores scores(double a, double b) {
    return new LayerScores(Collections.nCopies(LAYERS, a), Collections.nCopies(LAYERS, b));
  }

  private static long countA(List<Role> modes) {
    return modes.stream().filter(m -> m == Role.A).count();
  }

  /** A retried round, or a resumed run, must not toss another coin. */
  @ParameterizedTest
  @EnumSource(Policy.class)
  void modesAreAFunctionOfRoundAndScores(Policy policy) {
    HashSet<List<Role>> seen = new HashSet<>();
    for (int r = 0; r < 40; r++) {
      List<Role> modes = selection(policy).modes(round(r), scores(1, 2));
      assertThat(selection(policy).modes(round(r), scores(1, 2))).isEqualTo(modes);
      assertThat(modes).hasSize(LAYERS);
      seen.add(modes);
    }
    assertThat(seen.size()).isGreaterThan(policy == Policy.PHASE_SHIFTED ? 1 : 10);
  }

  @ParameterizedTest
  @EnumSource(value = Policy.class, mode = EnumSource.Mode.EXCLUDE, names = "PHASE_SHIFTED")
  void allLayersAlternateTogetherInTheWarmUpFromB(Policy policy) {
    for (int r = 0; r < WARM; r++) {
      Role expected = r % 2 == 0 ? Role.B : Role.A;
      assertThat(selection(policy).modes(round(r), scores(9, 1))).containsOnly(expected);
    }
  }

  @Test
  void phaseShiftedLayersAlternateInTwoHalves() {
    for (int r = 0; r < 8; r++) {
      List<Role> modes = selection(Policy.PHASE_SHIFTED).modes(round(r), scores(9, 1));
      for (int l = 0; l < LAYERS; l++) {
        assertThat(modes.get(l)).isEqualTo((r + l) % 2 == 0 ? Role.B : Role.A);
      }
    }
  }

  /** The coin is fair whatever the scores: 2,400 tosses, five deviations. */
  @Test
  void randomPerLayerDoesNotLookAtScores() {
    long ofA = 0;
    for (int r = WARM; r < WARM + 200; r++) {
      List<Role> modes = selection(Policy.RANDOM_PER_LAYER).modes(round(r), scores(9, 1));
      assertThat(modes).isEqualTo(selection(Policy.RANDOM_PER_LAYER).modes(round(r), scores(1, 9)));
      ofA += countA(modes);
    }
    assertThat(ofA).isBetween(1200L - 123, 1200L + 123);
  }

  @Test
  void randomShareDealsAsManyOfEachFactorToOtherLayers() {
    List<Double> a = new ArrayList<>(Collections.nCopies(LAYERS, 0.0));
    a.set(0, 100.0); // by the scores only the first layer would take A, late in the run
    LayerScores scores = new LayerScores(a, Collections.nCopies(LAYERS, 1.0));
    long moved = 0;
    for (int r = 100; r < 160; r++) {
      List<Role> wanted = selection(Policy.ADAPTIVE).modes(round(r), scores);
      List<Role> dealt = selection(Policy.RANDOM_SHARE).modes(round(r), scores);
      assertThat(countA(dealt)).isEqualTo(countA(wanted));
      moved += dealt.equals(wanted) ? 0 : 1;
    }
    assertThat(moved).isGreaterThan(40);
  }

  @ParameterizedTest(name = "S_A={0}, S_B={1}, round {2}")
  @CsvSource({
    "3, 1, 4, 0.622459", // d = 1/2 at temperature 1
    "1, 3, 4, 0.377541",
    "3, 1, 14, 0.697430", // 0.95^10 = 0.598737
    "3, 1, 204, 0.95", // 0.1 makes it 0.993: held by the exploration
    "-3, 1, 204, 0.05",
    "0, 0, 4, 0.5"
  })
  void probabilitiesAreTheSigmoidOfTheScaledDifference(
      double a, double b, int number, double expected) {
    double ofA = selection(Policy.ADAPTIVE).probabilityOfA(round(number), scores(a, b), 0);
    assertThat(ofA).isCloseTo(expected, Offset.offset(1e-6));
  }

  @Test
  void drawsOutOfRangeAreRefusedWithTheKey() {
    assertThatThrownBy(() -> new Draw(0, 0.1, 0)).hasMessageContaining("temperature-decay");
    assertThatThrownBy(() -> new Draw(1, 0, 0)).hasMessageContaining("temperature-floor");
    assertThatThrownBy(() -> new Draw(1, 1, 0.6)).hasMessageContaining("strategy.explore");
  }
}
