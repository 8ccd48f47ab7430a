package org.lorica.cli;

import java.util.Locale;
import java.util.StringJoiner;
import org.lorica.privacy.audit.AuditResult;
import org.lorica.privacy.audit.MechanismCheck;
import org.lorica.privacy.audit.OneRunBound;
import org.lorica.privacy.audit.TwoWorldBound;

/** An audit's findings for a terminal. */
final class AuditText {
  private AuditText() {}

  static String of(AuditResult result) {
    StringJoiner lines = new StringJoiner(System.lineSeparator(), "", System.lineSeparator());
    lines.add(
        format("claimed     ε = %.3f at δ = %s", result.claim().epsilon(), result.claim().delta()));
    OneRunBound.Finding one = result.bounds().oneRun();
    lines.add(
        format(
            "one run     ε ≥ %.3f (%,d of %,d guesses right, %,d canaries)",
            one.epsilon(),
            one.outcome().correct(),
            one.outcome().guesses(),
            one.outcome().canaries()));
    TwoWorldBound.Finding two = result.bounds().twoWorld();
    lines.add(
        format(
            "two worlds  ε ≥ %.3f (%,d of %,d missed, %,d of %,d false alarms)",
            two.epsilon(),
            two.errors().misses(),
            two.errors().in(),
            two.errors().falseAlarms(),
            two.errors().out()));
    lines.add(
        format(
            "reach       an attack that errs nowhere would show ε ≥ %.3f with these canaries",
            result.refutable()));
    for (MechanismCheck check : result.mechanism()) {
      lines.add(
          format(
              "%-4s        %s: %.3f of the plan (p = %.2g)",
              result.stands(check) ? "ok" : "FAIL",
              check.name(),
              check.measured(),
              check.pValue()));
    }
    lines.add(
        format(
            "%-4s        retries: %,d of %,d repeated their sums bit for bit",
            result.retries().differed() == 0 ? "ok" : "FAIL",
            result.retries().attempts() - result.retries().differed(),
            result.retries().attempts()));
    lines.add(verdict(result));
    return lines.toString();
  }

  private static String verdict(AuditResult result) {
    if (result.passed()) {
      return "PASS: no bound exceeds the claim and the mechanism measures as planned. That is no"
          + " proof: a better attack may find more.";
    }
    String why =
        result.refuted() > result.claim().epsilon()
            ? "the claimed ε is refuted"
            : "the mechanism is not the planned one, so that the claimed ε does not hold";
    return format(
        "FAIL: %s; a sound run fails with probability at most %s.",
        why, result.claim().significance());
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
