package org.lorica.federation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.lorica.config.ClientsConfig;
import org.lorica.config.FederationConfig;
import org.lorica.config.PrivacyConfig;
import org.lorica.config.RunConfig;
import org.lorica.config.StrategyConfig;
import org.lorica.privacy.Accountant;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Ledger;
import org.lorica.privacy.PldAccountant;
import org.lorica.privacy.PrivacyPlan;
import org.lorica.privacy.Protocol;
import org.lorica.privacy.RdpAccountant;
import org.lorica.random.DrawKey;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;
import org.lorica.random.SecretKey;

/** The privacy of one run: its plan, who takes part, the key of its private draws, the ledger. */
public final class FederationPrivacy {
  private final RunConfig config;
  private final PrivacyPlan plan;
  private final DrawKey root;
  private final int clients;
  private final Ledger ledger = new Ledger();

  private FederationPrivacy(RunConfig config, PrivacyPlan plan, DrawKey root, int clients) {
    this.config = config;
    this.plan = plan;
    this.root = root;
    this.clients = clients;
  }

  /**
   * The privacy that a configuration asks for, over a population of {@code clients}.
   *
   * @throws IllegalArgumentException naming key and remedy, where no theorem covers the combination
   */
  public static FederationPrivacy of(RunConfig config, int clients) {
    return of(config, clients, freshKey(config));
  }

  /** The root of a new run's private draws: from its seed, or a secret that nobody has seen yet. */
  public static DrawKey freshKey(RunConfig config) {
    return config.privacy().noise().mode() == PrivacyConfig.Noise.NoiseMode.SECURE
        ? SecretKey.fresh()
        : RandomKey.root(config.general().seed());
  }

  /**
   * The same with a root that was kept.
   *
   * @param root as {@link #freshKey} gave it when the run began
   */
  public static FederationPrivacy of(RunConfig config, int clients, DrawKey root) {
    CohortSchedule schedule = schedule(config, clients, root);
    return new FederationPrivacy(config, plan(config, schedule), root, clients);
  }

  private static CohortSchedule schedule(RunConfig config, int clients, DrawKey root) {
    FederationConfig federation = config.federation();
    DrawKey key = root.with(Purpose.COHORT);
    int perRound = federation.clientsPerRound();
    Optional<Integer> cap = config.privacy().guarantee().participationCap();
    if (federation.participation() == FederationConfig.Participation.POISSON) {
      return new PoissonCohorts(clients, perRound, cap.orElse(federation.rounds()), key);
    }
    CohortSchedule schedule = new RoundRobinCohorts(clients, perRound, key);
    int needed = schedule.participationCap(federation.rounds());
    if (cap.isPresent() && cap.get() < needed) {
      throw new IllegalArgumentException(
          "privacy.participation-cap must be >= "
              + needed
              + ", what "
              + federation.rounds()
              + " rounds of "
              + perRound
              + " of "
              + clients
              + " clients in turn need, got "
              + cap.get()
              + "; lower federation.rounds or federation.clients-per-round");
    }
    return schedule;
  }

  private static PrivacyPlan plan(RunConfig config, CohortSchedule schedule) {
    PrivacyConfig privacy = config.privacy();
    PrivacyConfig.Guarantee guarantee = privacy.guarantee();
    boolean none = privacy.mode() == PrivacyConfig.Mode.NONE;
    Protocol protocol =
        new Protocol(
            // without privacy nothing is claimed that a theorem would have to cover
            none ? Protocol.Unit.CLIENT : Protocol.Unit.valueOf(guarantee.unit().name()),
            none
                ? Protocol.ThreatModel.SERVER
                : Protocol.ThreatModel.valueOf(guarantee.threatModel().name()),
            Protocol.Sampler.valueOf(privacy.batches().sampler().name()),
            Protocol.Participation.valueOf(config.federation().participation().name()),
            Protocol.NoiseMode.valueOf(privacy.noise().mode().name()));
    boolean byExamples = config.federation().weights() == FederationConfig.Weights.EXAMPLES;
    if (protocol.against() == Protocol.ThreatModel.CENTRAL && byExamples) {
      throw new IllegalArgumentException(
          "federation.weights = examples has no bound for privacy.threat-model = central: one"
              + " client could weigh anything; set federation.weights = uniform");
    }
    int rounds = config.federation().rounds();
    return new PrivacyPlan(
        new PrivacyPlan.Terms(
            protocol,
            none
                ? PrivacyPlan.Claim.none(guarantee.delta())
                : new PrivacyPlan.Claim(
                    guarantee.epsilon(),
                    privacy.noise().multiplier(),
                    privacy.noise().maxGradNorm(),
                    guarantee.delta()),
            new PrivacyPlan.Batches(
                privacy.batches().samplingProbability(), privacy.batches().expectedBatchSize()),
            new PrivacyPlan.Horizon(
                rounds,
                config.federation().localSteps(),
                schedule.participationCap(rounds),
                schedule.cohortProbability())),
        guarantee.accountant() == PrivacyConfig.Guarantee.Accountant.RDP
            ? new RdpAccountant()
            : new PldAccountant());
  }

  /** Whether gradients are clipped and noised as those of the products BA. */
  public boolean clipsProducts() {
    return config.strategy().name().equals("fedask")
        && config.strategy().sketch().clipSpace() == StrategyConfig.ClipSpace.PRODUCT;
  }

  /** Whether factors are selected by un-noised losses of private batches, which no ε covers. */
  public boolean selectsByPrivateLosses() {
    return config.strategy().name().equals("aslora")
        && config.strategy().selection().curvature() == StrategyConfig.Curvature.PRIVATE_UNSAFE;
  }

  /** Whether records are dealt out to clients, and not the data's own clients' from the start. */
  public boolean dealsRecords() {
    return config.clients().partitioner() != ClientsConfig.Partitioner.NATURAL;
  }

  /** The adapter that training starts from, which may have a ledger of its own. */
  public Optional<String> startsFrom() {
    return config.lora().init();
  }

  public PrivacyPlan plan() {
    return plan;
  }

  public Ledger ledger() {
    return ledger;
  }

  /**
   * Who takes part after {@code done} rounds. The same rounds are drawn again up to there, which
   * gives the schedule the memory that it had.
   *
   * @throws IllegalArgumentException if the ledger tells of other participations: it then belongs
   *     to another key, population or schedule
   */
  CohortSchedule schedule(int done) {
    CohortSchedule schedule = schedule(config, clients, root);
    Map<Integer, Integer> drawn = new TreeMap<>();
    for (int round = 0; round < done; round++) {
      schedule.next().forEach(client -> drawn.merge(client, 1, Integer::sum));
    }
    Map<Integer, Integer> charged = new TreeMap<>();
    ledger.entries().forEach((client, entry) -> charged.put(client, entry.participations()));
    if (!drawn.equals(charged)) {
      throw new IllegalArgumentException(
          "the ledger of the first "
              + done
              + " rounds must tell of the cohorts that the schedule draws; it tells of others, so it"
              + " belongs to another population, key or version of Lorica");
    }
    return schedule;
  }

  /** Takes over what the rounds of an interrupted run have spent; before anything is charged. */
  public void restore(Ledger spent) {
    ledger.restore(spent);
  }

  /**
   * ε of a client's record against a third party who sees only the released models: {@link
   * PrivacyPlan#thirdPartyEpsilon}.
   */
  public OptionalDouble thirdPartyEpsilon(ClientTerms client, int rounds) {
    double p = plan.terms().horizon().cohortProbability();
    int least = config.federation().minClients();
    return plan.thirdPartyEpsilon(client, rounds, VoidRounds.participation(clients, p, least));
  }

  /** Expected clients in a round, the public denominator of Poisson cohorts. */
  double expectedCohort() {
    return plan.terms().horizon().cohortProbability() * clients;
  }

  /**
   * Key of a client's private draws in a round. From a seed, all of a round share it and split by
   * client later; a secret one is derived here, so that no task sees another client's.
   */
  DrawKey key(int round, int client) {
    DrawKey key = root.with(round);
    return key instanceof SecretKey ? key.with(client) : key;
  }

  /** Key of what the server draws in a round. */
  DrawKey serverKey(int round) {
    return root.with(round).with(Purpose.NOISE);
  }

  /**
   * Calibrates the noise of all clients before the first round, so that what cannot be reached is
   * said at once.
   */
  public void calibrate(Population population) {
    population.sizes().parallel().forEach(plan::terms);
  }

  /**
   * Refuses a strategy that reads more than what this plan noises.
   *
   * @throws IllegalArgumentException naming key and remedy
   */
  public void requireCovers(Strategy strategy) {
    String name = "strategy.name = " + strategy.name();
    if (strategy.reads() == Strategy.Reads.PRIVATE_LOSSES) {
      requireUnsafeAllowed();
    }
    if (plan.central().isPresent() && strategy.reads() != Strategy.Reads.MEAN) {
      throw new IllegalArgumentException(
          name
              + " sums more than the mean adapter, which privacy.threat-model = central cannot"
              + " noise; set privacy.threat-model = server, or a strategy such as fedask or ffa");
    }
    boolean wholeMessage = plan.terms().protocol().unit() == Protocol.Unit.CLIENT;
    if (plan.terms().claim().made()
        && wholeMessage
        && strategy.reads() == Strategy.Reads.STEP_GRADIENTS) {
      throw new IllegalArgumentException(
          name
              + " with strategy.score = gradient reads single local steps, which privacy.unit ="
              + " client does not noise; set strategy.score = displacement");
    }
  }

  /** Un-noised losses are for experiments that protect nobody but by single noised steps. */
  private void requireUnsafeAllowed() {
    Protocol protocol = plan.terms().protocol();
    String refused = "";
    if (config.privacy().noise().mode() == PrivacyConfig.Noise.NoiseMode.SECURE) {
      refused = "noise.mode = secure, which is for real data";
    } else if (plan.central().isPresent()) {
      refused = "privacy.threat-model = central, which noises the mean adapter alone";
    } else if (plan.terms().claim().made() && protocol.unit() == Protocol.Unit.CLIENT) {
      refused = "privacy.unit = client, which noises no single step";
    }
    if (!refused.isEmpty()) {
      throw new IllegalArgumentException(
          "strategy.curvature must be structural or none where "
              + refused
              + " (private-unsafe reads un-noised losses of private batches), got private-unsafe");
    }
  }

  ClientTerms terms(int records) {
    return plan.terms(records);
  }

  /** What noise the sums of a round carry. */
  CohortNoise noise(List<Participant> participants) {
    CohortNoise ofClients =
        CohortNoise.of(participants, config.privacy().batches().expectedBatchSize());
    return plan.central()
        .map(release -> ofClients.plusCentral(release, expectedCohort()))
        .orElse(ofClients);
  }

  /**
   * Every participant of a round has spent its share, whatever came of its training; with a trusted
   * server every client has.
   */
  void charge(List<Participant> participants) {
    for (Participant p : participants) {
      if (plan.central().isPresent()) {
        ledger.chargeNothing(p.client());
      } else {
        ledger.charge(p.client(), plan.event(p.terms()), plan.stepsPerParticipation());
      }
    }
    if (plan.central().isPresent()) {
      ledger.chargeEverybody(plan.centralEvent(), 1);
    }
  }

  /** ε spent so far, the greatest over clients; empty where nothing is claimed. */
  public OptionalDouble epsilonSoFar() {
    return epsilonBy(plan.accountant());
  }

  /** The same by another accountant. */
  public OptionalDouble epsilonBy(Accountant accountant) {
    return plan.terms().claim().made()
        ? OptionalDouble.of(ledger.epsilon(accountant, plan.terms().claim().delta()))
        : OptionalDouble.empty();
  }
}
