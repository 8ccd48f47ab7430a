package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.lorica.federation.CohortNoise;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.federation.StrategyState;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.random.RandomKey;
import org.lorica.strategy.FactorScore.Curvature;
import org.lorica.strategy.FactorScore.Source;
import org.lorica.strategy.Layers.Granularity;
import org.lorica.strategy.ModeSelection.Draw;
import org.lorica.strategy.ModeSelection.Policy;
import org.lorica.testing.RandomClients;

class AsLoraTest {

  private static AsLora strategy(Policy policy) {
    return new AsLora(
        Granularity.MODULE,
        new ModeSelection(policy, 2, new Draw(0.95, 0.1, 0.05)),
        new FactorScore(
            Source.DISPLACEMENT, Curvature.STRUCTURAL, new FactorScore.Steps(2, 0.5, 0.5)));
  }

  private static RoundContext context(int number, AdapterSet global, StrategyState state) {
    return new RoundContext(number, RandomKey.root(3), global, state, CohortNoise.NONE);
  }

  @Test
  void onlyTheActiveFactorOfEveryLayerMovesAndItsMeanIsTaken() {
    AdapterSet start = RandomClients.start(1, 4);
    AsLora strategy = strategy(Policy.PHASE_SHIFTED);
    RoundContext round = context(0, start, StrategyState.NONE);
    LocalPlan plan = strategy.localPlan(round);
    RandomClients clients = RandomClients.drifted(start, plan, 2, 3, 1);
    AdapterSet next = strategy.aggregate(round, clients.cohort());
    List<TensorSlot> slots = start.layout().slots(); // B, A of layer 0; B, A of layer 1; head
    for (int s = 0; s < slots.size(); s++) {
      TensorSlot slot = slots.get(s);
      boolean active = s == 0 || s == 3 || slot.role() == Role.HEAD;
      assertThat(plan.trains(slot, 1)).as("slot %d", s).isEqualTo(active);
      if (active) {
        assertThat(RandomClients.relativeError(next.tensor(slot), clients.mean(slot)))
            .isLessThan(1e-7);
      } else {
        assertThat(next.tensor(slot).toArray()).isEqualTo(start.tensor(slot).toArray());
      }
    }
  }

  @Test
  void scoresAreKeptForTheActiveFactorOnlyAndPlansFollowTheState() {
    AdapterSet start = RandomClients.start(1, 4);
    AsLora strategy = strategy(Policy.ADAPTIVE);
    StrategyState state = StrategyState.NONE;
    List<Long> digests = new ArrayList<>();
    for (int r = 0; r < 12; r++) {
      RoundContext round = context(r, start, state);
      LocalPlan plan = strategy.localPlan(round);
      assertThat(strategy.localPlan(round).digest()).isEqualTo(plan.digest());
      digests.add(plan.digest());
      RandomClients clients = RandomClients.drifted(start, plan, 2, 3, r);
      AdapterSet next = strategy.aggregate(round, clients.cohort());
      StrategyState after = strategy.remember(round, next, clients.cohort());
      for (int l = 0; l < 2; l++) {
        boolean aTrained = plan.trains(start.layout().slots().get(2 * l + 1), 1);
        String other = aTrained ? "score-b" : "score-a";
        String own = aTrained ? "score-a" : "score-b";
        assertThat(after.list(other, 2).get(l)).isEqualTo(state.list(other, 2).get(l));
        assertThat(after.list(own, 2).get(l)).isNotEqualTo(state.list(own, 2).get(l));
      }
      state = after;
    }
    assertThat(digests.subList(0, 2)).doesNotHaveDuplicates();
    assertThat(digests.stream().distinct().count()).isGreaterThan(2);
  }

  @Test
  void aScoreMovesByATenth() {
    LayerScores scores = new LayerScores(List.of(1.0, 2.0), List.of(3.0, 4.0));
    LayerScores next = scores.updated(List.of(Role.A, Role.B), List.of(11.0, -6.0));
    assertThat(next.a().get(0)).isCloseTo(2, Offset.offset(1e-12));
    assertThat(next.a().get(1)).isEqualTo(2);
    assertThat(next.b().get(0)).isEqualTo(3);
    assertThat(next.b().get(1)).isCloseTo(3, Offset.offset(1e-12));
  }

  @Test
  void controlsWithoutAScoreRememberNothing() {
    AdapterSet start = RandomClients.start(1, 4);
    RoundContext round = context(5, start, StrategyState.NONE);
    for (Policy policy : List.of(Policy.PHASE_SHIFTED, Policy.RANDOM_PER_LAYER)) {
      assertThat(strategy(policy).remember(round, start, RandomClients.cohortOf(List.of(start))))
          .isEqualTo(StrategyState.NONE);
    }
  }

  /** A checkpoint stores the state as JSON: nothing may be lost. */
  @Test
  void theStateGoesThroughJsonUnchanged() throws IOException {
    StrategyState state =
        new LayerScores(List.of(0.1, -1e-300), List.of(Math.PI, 3.0)).in(StrategyState.NONE);
    ObjectMapper json = new ObjectMapper();
    String text = json.writeValueAsString(state);
    assertThat(json.readValue(text, StrategyState.class)).isEqualTo(state);
    assertThat(text).startsWith("{\"values\":{\"score-a\":[0.1,");
  }

  @Test
  void aStateThatIsNotFiniteOrOfAnotherModelIsRefused() {
    assertThatThrownBy(() -> new StrategyState(new TreeMap<>(Map.of("x", List.of(Double.NaN)))))
        .hasMessageContaining("must be finite, got NaN in x");
    StrategyState state = StrategyState.NONE.with("score-a", List.of(1.0));
    assertThatThrownBy(() -> state.list("score-a", 2))
        .hasMessageContaining("must have 2 values of score-a, got 1");
  }

  @Test
  void modulesOfABlockChooseTogether() {
    AdapterLayout layout =
        new AdapterLayout(
            List.of(
                new LoraModule("model.layers.0.self_attn.q_proj", 4, 4),
                new LoraModule("model.layers.0.self_attn.v_proj", 4, 4),
                new LoraModule("model.layers.10.self_attn.q_proj", 4, 4),
                new LoraModule("classifier.dense", 4, 4)),
            List.of(),
            1,
            1);
    assertThat(Layers.of(layout, Granularity.BLOCK).modules())
        .containsExactly(List.of(0, 1), List.of(2), List.of(3));
    AdapterLayout swin =
        new AdapterLayout(
            List.of(
                new LoraModule("swin.encoder.layers.0.blocks.0.attention.self.query", 4, 4),
                new LoraModule("swin.encoder.layers.0.blocks.0.output.dense", 4, 4),
                new LoraModule("swin.encoder.layers.0.blocks.1.output.dense", 4, 4),
                new LoraModule("swin.encoder.layers.0.downsample.reduction", 4, 4)),
            List.of(),
            1,
            1);
    assertThat(Layers.of(swin, Granularity.BLOCK).modules())
        .as("a block of a stage, not the stage")
        .containsExactly(List.of(0, 1), List.of(2), List.of(3));
    assertThat(Layers.of(layout, Granularity.MODULE).count()).isEqualTo(4);
    assertThat(Layers.of(layout, Granularity.BLOCK).slots(0, Role.A)).containsExactly(1, 3);
  }
}
