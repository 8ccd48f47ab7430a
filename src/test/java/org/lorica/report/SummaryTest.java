package org.lorica.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static final List<Summary.Score> SCORES =
      List.of(
          new Summary.Score(
              "learned adapter", OptionalDouble.of(1.2), "accuracy", OptionalDouble.of(0.61)),
          new Summary.Score(
              "base model", OptionalDouble.of(3.0), "accuracy", OptionalDouble.of(0.05)),
          new Summary.Score(
              "majority guess", OptionalDouble.empty(), "accuracy", OptionalDouble.of(0.06)));

  @Test
  void showsWhatWasLearnedBesideBaseAndMajorityTheEpsilonAndTheFiles() {
    String text =
        new Summary(
                new Summary.Run(
                    "quickstart", 30, Path.of("runs/q"), new RunSeconds(6, 1, 3, Optional.empty())),
                SCORES,
                RunFaults.NONE,
                List.of("3 texts were cut to 48 tokens"),
                Samples.privacy(OptionalDouble.of(7.95)))
            .text();
    assertThat(text.lines())
        .contains(
            "  learned adapter  loss 1.200 nats  accuracy 61.0 %",
            "  base model       loss 3.000 nats  accuracy 5.0 %",
            "  majority guess   accuracy 6.0 %",
            "Privacy: ε = 7.95 at δ = 1e-5, for a record (add or remove one),"
                + " against the server.",
            "Formal guarantee: none, the seed is known.",
            "Data: 3 texts were cut to 48 tokens.",
            "Evaluation: 3.0 s, 30 % of the rounds' time.",
            "Files: runs/q");
  }

  @Test
  void claimsNothingWithoutAnEpsilon() {
    String text =
        new Summary(
                new Summary.Run(
                    "run", 1, Path.of("runs/q"), new RunSeconds(6, 1, 3, Optional.of(0.25))),
                List.of(),
                RunFaults.NONE,
                List.of(),
                Samples.privacy(OptionalDouble.empty()))
            .text();
    assertThat(text)
        .contains("Evaluation: 3.0 s beside 7.0 s of training and aggregation, which waited 0.3 s")
        .contains("no epsilon is claimed")
        .doesNotContain("ε =");
  }

  @Test
  void batchesThatADeviceDidNotHoldAreCountedOverTheRounds() {
    String line = "{\"faults\":{\"status\":\"aggregated\",\"dropped\":[],\"splits\":2}}";
    String without = "{\"faults\":{\"status\":\"aggregated\",\"dropped\":[]}}";
    assertThat(RunFaults.of(List.of(line, without, line)).words(3))
        .containsExactly(
            "",
            "Split: memory was full 4 times, and batches were computed in parts; the result is the"
                + " same up to rounding. More memory (--off-heap) is faster.");
    assertThat(RunFaults.of(List.of(without)).words(1)).isEmpty();
  }
}
