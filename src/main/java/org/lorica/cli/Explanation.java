package org.lorica.cli;

import java.util.Locale;
import java.util.OptionalDouble;
import org.lorica.config.RunConfig;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.Population;
import org.lorica.privacy.Accountant;
import org.lorica.privacy.PldAccountant;
import org.lorica.privacy.PrivacyPlan;
import org.lorica.privacy.Protocol;
import org.lorica.privacy.RdpAccountant;
import org.lorica.report.PrivacyStatement;

/** What a run of a configuration would guarantee, in plain words. */
final class Explanation {
  private final RunConfig config;
  private final FederationPrivacy privacy;
  private final PrivacyPlan plan;
  private final Population population;
  private final StringBuilder text = new StringBuilder();

  Explanation(RunConfig config, FederationPrivacy privacy, Population population) {
    this.config = config;
    this.privacy = privacy;
    this.plan = privacy.plan();
    this.population = population;
  }

  String text() {
    PrivacyPlan.Terms terms = plan.terms();
    line("%s: %d clients, %d rounds", config.general().name(), population.clients(), rounds());
    line("");
    if (terms.claim().made()) {
      promise(terms);
      mechanism(terms);
    } else {
      line("No privacy: no noise is added, so no epsilon is claimed.");
      line(
          "What clients send may contain their records word for word. For a guarantee set"
              + " privacy.mode = dp and privacy.epsilon.");
    }
    line("");
    if (!Statements.assumptions(privacy).isEmpty()) {
      line("It rests on:");
      Statements.assumptions(privacy).forEach(a -> line("  - %s", a));
    }
    line("It does not cover:");
    Statements.notCovered(privacy, population).forEach(n -> line("  - %s", n));
    return text.toString();
  }

  private void promise(PrivacyPlan.Terms terms) {
    PrivacyStatement.Claim claim = Statements.claim(terms);
    boolean record = terms.protocol().unit() == Protocol.Unit.RECORD;
    line("Hidden:      whether any one %s is in the data (%s).", claim.unit(), claim.relation());
    line("From:        %s.", claim.threatModel());
    double epsilon = planned(plan.accountant());
    line(
        "How well:    epsilon = %.4g at delta = %s, at most, by %s (%s).",
        epsilon, terms.claim().delta(), plan.accountant().name(), others());
    line(
        "In words:    nobody of that kind can raise the odds that a given %s is in the data by"
            + " more than a factor of %.3g, except with probability %s.",
        record ? "record" : "client", Math.exp(epsilon), terms.claim().delta());
    OptionalDouble third = Statements.thirdParty(privacy, population, rounds());
    if (third.isPresent()) {
      line(
          "Third party: who sees only the released models, not who took part: epsilon = %.4g.",
          third.getAsDouble());
    } else if (record) {
      line(
          "Third party: no better figure than the above: that needs federation.participation ="
              + " poisson without a participation cap.");
    }
    line("Guarantee:   %s.", claim.formalGuarantee());
  }

  private String others() {
    Accountant pld = new PldAccountant();
    Accountant rdp = new RdpAccountant();
    return plan.accountant().name().equals("pld")
        ? String.format(Locale.ROOT, "rdp: %.4g", planned(rdp))
        : String.format(Locale.ROOT, "pld: %.4g, rdp: %.4g", planned(pld), planned(rdp));
  }

  /** Greatest ε of a client that takes part as often as it may. */
  private double planned(Accountant accountant) {
    double delta = plan.terms().claim().delta();
    if (plan.central().isPresent()) {
      return accountant.epsilon(plan.centralEvent(), rounds(), delta);
    }
    int steps =
        Math.multiplyExact(plan.terms().horizon().participationCap(), plan.stepsPerParticipation());
    return population
        .sizes()
        .parallel()
        .mapToObj(plan::terms)
        .mapToDouble(t -> accountant.epsilon(plan.event(t), steps, delta))
        .max()
        .orElse(0);
  }

  private void mechanism(PrivacyPlan.Terms terms) {
    Protocol protocol = terms.protocol();
    PrivacyStatement.Spread spread = Statements.spread(plan, population);
    boolean record = protocol.unit() == Protocol.Unit.RECORD;
    line("");
    line(
        "How:         every %s is clipped to norm C = %s;",
        record ? "example's gradient" : "client's change of the adapter",
        terms.claim().maxGradNorm());
    line(
        "             noise of %s times C is added to every %s.",
        span(spread.noiseMultiplier()),
        record
            ? "batch's sum, by the client"
            : protocol.against() == Protocol.ThreatModel.CENTRAL
                ? "round's sum, by the server"
                : "message, by the client");
    if (record) {
      line(
          "             A record is in a batch with probability %s (Poisson), %d steps a round.",
          span(spread.samplingProbability()), terms.horizon().localSteps());
    }
    line(
        "             A client takes part in at most %d of %d rounds (%s, %.4g of the clients a"
            + " round).",
        terms.horizon().participationCap(),
        rounds(),
        Statements.spelled(protocol.participation()),
        terms.horizon().cohortProbability());
  }

  private static String span(PrivacyStatement.Span span) {
    return span.max() - span.min() < 1e-9 * span.max()
        ? String.format(Locale.ROOT, "%.4g", span.max())
        : String.format(Locale.ROOT, "%.4g to %.4g", span.min(), span.max());
  }

  private int rounds() {
    return plan.terms().horizon().rounds();
  }

  private void line(String pattern, Object... values) {
    text.append(String.format(Locale.ROOT, pattern, values)).append('\n');
  }
}
