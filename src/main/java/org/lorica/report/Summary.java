package org.lorica.report;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The closing words of a run, for {@code summary.txt} and the console.
 *
 * @param scores learned adapter first, then what it is compared with
 * @param files where the run folder will be
 * @param notes what was left out or cut of the data, a line each
 */
public record Summary(
    String name,
    int rounds,
    List<Score> scores,
    PrivacyStatement privacy,
    Path files,
    List<String> notes) {

  public Summary {
    scores = List.copyOf(scores);
    notes = List.copyOf(notes);
  }

  /** Nothing was left out. */
  public Summary(
      String name, int rounds, List<Score> scores, PrivacyStatement privacy, Path files) {
    this(name, rounds, scores, privacy, files, List.of());
  }

  /**
   * One line of the comparison, on the held-out examples.
   *
   * @param who for example {@code base model, untrained adapter} or {@code majority guess}
   * @param loss in nats; empty where it makes no sense
   */
  public record Score(String who, OptionalDouble loss, String metric, OptionalDouble value) {}

  public String text() {
    StringBuilder text = new StringBuilder();
    line(text, "%s: %d rounds", name, rounds);
    line(text, "");
    line(text, "On held-out examples:");
    int width = scores.stream().mapToInt(score -> score.who().length()).max().orElse(0);
    for (Score score : scores) {
      StringBuilder found = new StringBuilder();
      score.loss().ifPresent(l -> found.append(Wording.format("  loss %.3f nats", l)));
      score.value().ifPresent(v -> found.append("  ").append(Wording.metric(score.metric(), v)));
      line(text, "  %-" + Math.max(1, width) + "s%s", score.who(), found);
    }
    line(text, "");
    if (!notes.isEmpty()) {
      notes.forEach(note -> line(text, "Data: %s.", note));
      line(text, "");
    }
    privacyWords(text);
    line(text, "");
    line(text, "Files: %s", files);
    return text.toString();
  }

  private void privacyWords(StringBuilder text) {
    PrivacyStatement.Claim claim = privacy.claim();
    PrivacyStatement.EpsilonSpent spent = privacy.epsilon();
    OptionalDouble epsilon = spent.claimed();
    if (epsilon.isEmpty()) {
      line(text, "Privacy: no epsilon is claimed (mode %s).", claim.mode());
      return;
    }
    line(
        text,
        "Privacy: ε = %.2f at δ = %s, for a %s (%s), against %s.",
        epsilon.getAsDouble(),
        Wording.small(spent.delta()),
        claim.unit(),
        claim.relation(),
        claim.threatModel());
    spent
        .figures()
        .thirdParty()
        .ifPresent(
            e ->
                line(
                    text, "Against a third party who sees only the released models: ε = %.2f.", e));
    line(text, "Formal guarantee: %s.", claim.formalGuarantee());
  }

  private static void line(StringBuilder text, String pattern, Object... values) {
    text.append(Wording.format(pattern, values)).append('\n');
  }
}
