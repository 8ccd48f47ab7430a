package org.lorica.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.Population;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Composition;
import org.lorica.privacy.Ledger;
import org.lorica.privacy.PldAccountant;
import org.lorica.privacy.PrivacyPlan;
import org.lorica.privacy.Protocol;
import org.lorica.privacy.RdpAccountant;
import org.lorica.report.PrivacyStatement;

/** What {@code privacy.json} says of a run. */
final class Statements {
  private Statements() {}

  /**
   * @param rounds rounds that were run
   */
  static PrivacyStatement of(FederationPrivacy privacy, Population population, int rounds) {
    PrivacyPlan plan = privacy.plan();
    return new PrivacyStatement(
        claim(plan.terms()),
        epsilon(privacy, population, rounds),
        mechanism(privacy, population),
        ledger(privacy, population),
        assumptions(privacy),
        notCovered(privacy, population));
  }

  static List<String> assumptions(FederationPrivacy privacy) {
    List<String> all = new ArrayList<>(assumptions(privacy.plan().terms()));
    if (privacy.dealsRecords() && privacy.plan().terms().claim().made()) {
      all.add(
          "who holds which record is given: a record more or less would have been dealt out"
              + " otherwise (clients.partitioner), which is left aside");
    }
    if (privacy.clipsProducts()) {
      all.add(
          "clipped to C and noised is every example's gradient with respect to the products BA"
              + " (strategy.clip-space = product); the factors A are public");
    }
    return all;
  }

  static PrivacyStatement.Claim claim(PrivacyPlan.Terms terms) {
    Protocol protocol = terms.protocol();
    boolean record = protocol.unit() == Protocol.Unit.RECORD;
    boolean server = protocol.against() == Protocol.ThreatModel.SERVER;
    boolean made = terms.claim().made();
    String noiseMode = spelled(protocol.noise());
    return new PrivacyStatement.Claim(
        made ? spelled(protocol.unit()) : "none",
        record ? "add or remove one record" : "add or remove one client",
        server
            ? "the server, which sees every client's message; clients are not protected from"
                + " themselves"
            : "everybody but the server, which is trusted to sum messages and to add the noise",
        made
            ? spelled(protocol.unit()) + "-level, " + (server ? "local" : "central") + " DP"
            : "none",
        noiseMode,
        made ? PrivacyStatement.Claim.formalGuaranteeOf(noiseMode) : "none, no noise is added");
  }

  private static PrivacyStatement.EpsilonSpent epsilon(
      FederationPrivacy privacy, Population population, int rounds) {
    PrivacyPlan plan = privacy.plan();
    PrivacyPlan.Claim claim = plan.terms().claim();
    boolean made = claim.made();
    return new PrivacyStatement.EpsilonSpent(
        made ? claim.epsilon() : OptionalDouble.empty(),
        claim.delta(),
        plan.accountant().name(),
        privacy.epsilonSoFar(),
        made
            ? new PrivacyStatement.Figures(
                privacy.epsilonBy(new PldAccountant()),
                privacy.epsilonBy(new RdpAccountant()),
                thirdParty(privacy, population, rounds))
            : PrivacyStatement.Figures.NONE);
  }

  /** Over all registered clients: whether one took part is part of what is hidden. */
  static OptionalDouble thirdParty(FederationPrivacy privacy, Population population, int rounds) {
    return population
        .sizes()
        .parallel()
        .mapToObj(privacy.plan()::terms)
        .map(terms -> privacy.thirdPartyEpsilon(terms, rounds))
        .filter(OptionalDouble::isPresent)
        .mapToDouble(OptionalDouble::getAsDouble)
        .max();
  }

  private static PrivacyStatement.Mechanism mechanism(
      FederationPrivacy privacy, Population population) {
    PrivacyPlan plan = privacy.plan();
    Protocol protocol = plan.terms().protocol();
    return new PrivacyStatement.Mechanism(
        spelled(protocol.sampler()),
        spelled(protocol.participation()),
        plan.terms().claim().maxGradNorm(),
        spread(plan, population),
        plan.terms().horizon().localSteps(),
        participations(privacy));
  }

  private static PrivacyStatement.Participations participations(FederationPrivacy privacy) {
    int cap = privacy.plan().terms().horizon().participationCap();
    if (privacy.plan().central().isPresent()) {
      return new PrivacyStatement.Participations(cap, cap, cap);
    }
    List<Integer> taken = privacy.ledger().participations();
    return new PrivacyStatement.Participations(
        taken.isEmpty() ? 0 : taken.get(taken.size() - 1),
        taken.isEmpty() ? 0 : taken.get(taken.size() / 2),
        cap);
  }

  static PrivacyStatement.Spread spread(PrivacyPlan plan, Population population) {
    List<ClientTerms> all = population.sizes().parallel().mapToObj(plan::terms).toList();
    double central = plan.central().map(r -> r.noiseMultiplier()).orElse(0.0);
    return new PrivacyStatement.Spread(
        span(all, terms -> Math.max(central, terms.noiseMultiplier())),
        span(all, terms -> samplingProbability(plan, terms)));
  }

  /** q of the mechanism that is charged: of a record, or of a client's whole message. */
  private static double samplingProbability(PrivacyPlan plan, ClientTerms terms) {
    return plan.central().isPresent()
        ? plan.centralEvent().samplingProbability()
        : plan.event(terms).samplingProbability();
  }

  private static PrivacyStatement.Span span(
      List<ClientTerms> all, ToDoubleFunction<ClientTerms> figure) {
    return new PrivacyStatement.Span(
        all.stream().mapToDouble(figure).min().orElse(0),
        all.stream().mapToDouble(figure).max().orElse(0));
  }

  private static List<PrivacyStatement.LedgerLine> ledger(
      FederationPrivacy privacy, Population population) {
    if (privacy.plan().central().isPresent()) {
      return List.of(everybody(privacy.ledger().everybody(), population));
    }
    Map<Ledger.Entry, Integer> counts =
        new TreeMap<>(
            Comparator.comparingInt(Ledger.Entry::participations)
                .reversed()
                .thenComparing(entry -> entry.spent().steps().toString()));
    privacy.ledger().entries().values().forEach(entry -> counts.merge(entry, 1, Integer::sum));
    List<PrivacyStatement.LedgerLine> lines = new ArrayList<>();
    counts.forEach(
        (entry, clients) -> {
          lines.add(
              new PrivacyStatement.LedgerLine(
                  clients, entry.participations(), steps(entry.spent())));
        });
    return lines;
  }

  /** All have spent the same, and who took part stays with the server: each as often as it may. */
  private static PrivacyStatement.LedgerLine everybody(Composition spent, Population population) {
    int rounds = spent.steps().values().stream().mapToInt(Integer::intValue).sum();
    return new PrivacyStatement.LedgerLine(population.clients(), rounds, steps(spent));
  }

  private static List<PrivacyStatement.Steps> steps(Composition spent) {
    return spent.steps().entrySet().stream()
        .map(
            e ->
                new PrivacyStatement.Steps(
                    e.getKey().samplingProbability(), e.getKey().noiseMultiplier(), e.getValue()))
        .toList();
  }

  private static List<String> assumptions(PrivacyPlan.Terms terms) {
    Protocol protocol = terms.protocol();
    List<String> all = new ArrayList<>();
    if (!terms.claim().made()) {
      return all;
    }
    all.add("the number of clients, and of records of each client, is public");
    all.add(
        "a person has one "
            + spelled(protocol.unit())
            + "; with k of them epsilon is up to k times as much, and delta up to"
            + " k e^((k - 1) epsilon) times");
    if (protocol.unit() == Protocol.Unit.RECORD) {
      all.add("the server does not learn which records were in a batch");
    }
    if (protocol.against() == Protocol.ThreatModel.CENTRAL) {
      all.add("the server is honest, and nobody but it sees a client's message or who took part");
    }
    if (protocol.participation() == Protocol.Participation.POISSON
        && protocol.unit() == Protocol.Unit.RECORD) {
      all.add(
          "for the third-party figure: what is released does not tell an absent client from one"
              + " that lacks the record");
    }
    all.add(
        protocol.noise() == Protocol.NoiseMode.SECURE
            ? "the machines that train keep their derived keys to themselves"
            : "the noise is that of a simulation: its seed is known, so nothing is guaranteed");
    return all;
  }

  static List<String> notCovered(FederationPrivacy privacy, Population population) {
    PrivacyPlan.Terms terms = privacy.plan().terms();
    List<String> all = new ArrayList<>();
    if (privacy.selectsByPrivateLosses()) {
      all.add(PrivacyStatement.SELECTION_NOT_COVERED);
    }
    if (population.overlapping()) {
      all.add(
          "clients hold the same records (clients.records = shared): epsilon is for one client's"
              + " copy of a record, not for all copies together");
    }
    if (terms.claim().made()) {
      all.addAll(notCoveredByAClaim(terms, population));
      privacy
          .startsFrom()
          .ifPresent(
              folder ->
                  all.add(
                      "what the adapter that training started from (adapter.init = "
                          + folder
                          + ") has spent on the same records comes on top"));
    } else {
      all.add("this run adds no noise: no epsilon is claimed");
    }
    all.add(
        "training loss, faults and diagnostics in rounds.jsonl, label counts in partition.json and"
            + " remarks on the data in the summary are un-noised: for simulation only");
    all.add("held-out records are evaluated in the clear and have no share in epsilon");
    all.add("choosing settings by looking at several runs spends the epsilon of all of them");
    return all;
  }

  private static List<String> notCoveredByAClaim(PrivacyPlan.Terms terms, Population population) {
    Protocol protocol = terms.protocol();
    List<String> all = new ArrayList<>();
    boolean ofRecords = protocol.unit() == Protocol.Unit.RECORD;
    long units = ofRecords ? population.sizes().max().orElse(0) : population.clients();
    double delta = terms.claim().delta();
    if (delta * units >= 1) {
      all.add(
          "delta = "
              + delta
              + " is not below 1/"
              + units
              + (ofRecords ? ", the records of a client" : ", the clients")
              + ": to publish a few of them as they are would keep to it");
    }
    boolean independent = protocol.participation() == Protocol.Participation.POISSON;
    if (protocol.against() == Protocol.ThreatModel.CENTRAL || (ofRecords && independent)) {
      all.add(
          "who took part, and how many, is told without noise (rounds.jsonl, and the report, tables"
              + " and ledger of a simulation or of a server that is not trusted): the "
              + (ofRecords ? "third-party figure" : "epsilon")
              + " holds only against those who do not see it");
    }
    if (protocol.against() == Protocol.ThreatModel.SERVER) {
      all.add("whether a client's training failed is seen by the server, without noise");
    }
    if (protocol.noise() == Protocol.NoiseMode.SECURE) {
      all.add(
          "the figures by pld and for a third party are those of continuous noise; the claim, by"
              + " integer orders of rdp, is that of the noise that was drawn");
    }
    return all;
  }

  /** As in the configuration. */
  static String spelled(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
