package org.lorica.report;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The closing words of a run, for {@code summary.txt} and the console.
 *
 * @param scores learned adapter first, then what it is compared with
 * @param faults what went wrong in some rounds
 * @param remarks what was left out or cut of the data, a line each
 */
public record Summary(
    Run run, List<Score> scores, RunFaults faults, List<String> remarks, PrivacyStatement privacy) {
  public Summary {
    scores = List.copyOf(scores);
    remarks = List.copyOf(remarks);
  }

  /** The run, how long its rounds took, and where its folder will be. */
  public record Run(String name, int rounds, Path folder, RunSeconds seconds) {}

  /**
   * One line of the comparison, on the held-out examples.
   *
   * @param who for example {@code base model, untrained adapter} or {@code majority guess}
   * @param loss in nats; empty where it makes no sense
   */
  public record Score(String who, OptionalDouble loss, String metric, OptionalDouble value) {}

  public String text() {
    StringBuilder text = new StringBuilder();
    line(text, "%s: %d %s", run.name(), run.rounds(), run.rounds() == 1 ? "round" : "rounds");
    line(text, "");
    line(text, "On held-out examples:");
    int width = scores.stream().mapToInt(score -> score.who().length()).max().orElse(0);
    for (Score score : scores) {
      StringBuilder found = new StringBuilder();
      score.loss().ifPresent(l -> found.append(Wording.format("  loss %.3f nats", l)));
      score.value().ifPresent(v -> found.append("  ").append(Wording.metric(score.metric(), v)));
      line(text, "  %-" + Math.max(1, width) + "s%s", score.who(), found);
    }
    faults.words(run.rounds()).forEach(words -> line(text, "%s", words));
    line(text, "");
    if (!remarks.isEmpty()) {
      remarks.forEach(remark -> line(text, "Data: %s.", remark));
      line(text, "");
    }
    run.seconds()
        .words()
        .ifPresent(
            words -> {
              line(text, "%s", words);
              line(text, "");
            });
    privacyWords(text);
    if (privacy.notCovered().contains(PrivacyStatement.SELECTION_NOT_COVERED)) {
      line(text, "Not covered: %s.", PrivacyStatement.SELECTION_NOT_COVERED);
    }
    line(text, "");
    line(text, "Files: %s", run.folder());
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
