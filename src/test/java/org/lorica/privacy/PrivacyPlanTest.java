package org.lorica.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.privacy.Protocol.Participation;
import org.lorica.privacy.Protocol.Sampler;
import org.lorica.privacy.Protocol.ThreatModel;
import org.lorica.privacy.Protocol.Unit;
import org.lorica.random.RandomKey;

class PrivacyPlanTest {
  private static final int CAP = 6;
  private static final Protocol RECORD_SERVER =
      protocol(Unit.RECORD, ThreatModel.SERVER, Sampler.POISSON, Participation.ROUND_ROBIN);

  private static final int ROUNDS = 20;

  private static PrivacyPlan plan(OptionalDouble epsilon, OptionalDouble sigma) {
    return plan(RECORD_SERVER, epsilon, sigma);
  }

  private static PrivacyPlan plan(Protocol protocol, OptionalDouble epsilon, OptionalDouble sigma) {
    int cap = protocol.participation() == Protocol.Participation.POISSON ? ROUNDS : CAP;
    return new PrivacyPlan(
        new PrivacyPlan.Terms(
            protocol,
            new PrivacyPlan.Claim(epsilon, sigma, 1.0, 1e-5),
            new PrivacyPlan.Batches(OptionalDouble.empty(), 16),
            new PrivacyPlan.Horizon(ROUNDS, 5, cap, 0.25)),
        new PldAccountant());
  }

  private static Protocol protocol(
      Protocol.Unit unit,
      Protocol.ThreatModel against,
      Protocol.Sampler sampler,
      Protocol.Participation participation) {
    return new Protocol(unit, against, sampler, participation, Protocol.NoiseMode.SIMULATION);
  }

  @ParameterizedTest(name = "{0} records")
  @ValueSource(ints = {0, 1, 16, 17, 100, 5000})
  void noClientEverSpendsMoreThanTheTarget(int records) {
    PrivacyPlan plan = plan(OptionalDouble.of(4), OptionalDouble.empty());
    ClientTerms terms = plan.terms(records);
    assertThat(plan.epsilon(terms, CAP)).isLessThanOrEqualTo(4).isGreaterThan(3.5);
    assertThat(plan.epsilon(terms, CAP - 1)).isLessThan(plan.epsilon(terms, CAP));
    assertThat(terms.samplingProbability()).isEqualTo(records <= 16 ? 1 : 16.0 / records);
  }

  @Test
  void aGivenNoiseIsTakenAsItIsAndZeroNoiseClaimsNothing() {
    PrivacyPlan plan = plan(OptionalDouble.empty(), OptionalDouble.of(0.8));
    assertThat(plan.terms(100).noiseMultiplier()).isEqualTo(0.8);
    assertThat(plan.terms().claim().made()).isTrue();
    assertThat(plan(OptionalDouble.empty(), OptionalDouble.of(0)).terms().claim().made()).isFalse();
  }

  @Test
  void bothATargetAndANoiseAreRefused() {
    assertThatThrownBy(() -> plan(OptionalDouble.of(1), OptionalDouble.of(1)))
        .hasMessage("set privacy.epsilon or privacy.noise-multiplier, not both");
  }

  /** Binomial mean within 4.42 standard deviations: false-alarm rate 1e-5. */
  @Test
  void everyRecordIsDrawnWithItsProbabilityAndBatchSizesVary() {
    PoissonSampler sampler = new PoissonSampler(0.3);
    int draws = 0;
    boolean varies = false;
    int first = sampler.sample(RandomKey.root(1).with(0), 1, 50).length;
    for (int step = 0; step < 400; step++) {
      int size = sampler.sample(RandomKey.root(1).with(step), 1, 50).length;
      draws += size;
      varies |= size != first;
    }
    double deviation = Math.sqrt(400 * 50 * 0.3 * 0.7);
    assertThat((double) draws).isBetween(6000 - 4.42 * deviation, 6000 + 4.42 * deviation);
    assertThat(varies).isTrue();
    assertThat(new PoissonSampler(1).sample(RandomKey.root(1), 1, 5))
        .containsExactly(0, 1, 2, 3, 4);
    assertThat(new PoissonSampler(0).sample(RandomKey.root(1), 1, 5)).isEmpty();
  }

  @Test
  void combinationsWithoutATheoremAreRefusedWithKeyAndRemedy() {
    assertThatThrownBy(
            () ->
                protocol(
                    Unit.RECORD, ThreatModel.SERVER, Sampler.SHUFFLE, Participation.ROUND_ROBIN))
        .hasMessageStartingWith("privacy.sampler = shuffle has no theorem")
        .hasMessageContaining("set privacy.sampler = poisson");
    assertThatThrownBy(
            () ->
                protocol(Unit.RECORD, ThreatModel.CENTRAL, Sampler.POISSON, Participation.POISSON))
        .hasMessageStartingWith("privacy.threat-model = central has no mechanism")
        .hasMessageContaining("set privacy.threat-model = server");
    assertThatThrownBy(
            () ->
                protocol(
                    Unit.CLIENT, ThreatModel.CENTRAL, Sampler.POISSON, Participation.ROUND_ROBIN))
        .hasMessageStartingWith("federation.participation = round-robin has no theorem")
        .hasMessageContaining("set federation.participation = poisson");
  }

  /** A message is there or replaced, so it moves by 2C: one Gaussian of σ/2 a participation. */
  @Test
  void clientLevelLocalNoiseIsTwiceThatOfOneGaussian() {
    PrivacyPlan plan =
        plan(
            protocol(Unit.CLIENT, ThreatModel.SERVER, Sampler.SHUFFLE, Participation.ROUND_ROBIN),
            OptionalDouble.of(4),
            OptionalDouble.empty());
    ClientTerms terms = plan.terms(100);
    assertThat(terms.step()).isEqualTo(Release.PLAIN);
    double sigma = terms.message().noiseMultiplier();
    assertThat(GaussianCurve.epsilon(sigma / 2 / Math.sqrt(CAP), 1e-5)).isBetween(3.999, 4.0);
    assertThat(plan.epsilon(terms, CAP)).isBetween(3.999, 4.0);
    assertThat(plan.central()).isEmpty();
  }

  @Test
  void clientLevelCentralNoiseIsOneSubsampledGaussianARound() {
    PrivacyPlan plan =
        plan(
            protocol(Unit.CLIENT, ThreatModel.CENTRAL, Sampler.POISSON, Participation.POISSON),
            OptionalDouble.of(4),
            OptionalDouble.empty());
    assertThat(plan.terms(100).noiseMultiplier()).isZero();
    SampledGaussian event = plan.centralEvent();
    assertThat(event.samplingProbability()).isEqualTo(0.25);
    assertThat(new PldAccountant().epsilon(event, ROUNDS, 1e-5)).isBetween(3.8, 4.0);
  }

  @Test
  void aThirdPartySeesLessThanTheServerAndOnlyWithPoissonCohorts() {
    OptionalDouble sigma = OptionalDouble.of(1.5);
    PrivacyPlan poisson =
        plan(
            protocol(Unit.RECORD, ThreatModel.SERVER, Sampler.POISSON, Participation.POISSON),
            OptionalDouble.empty(),
            sigma);
    ClientTerms terms = poisson.terms(100);
    double third = poisson.thirdPartyEpsilon(terms, ROUNDS, 0.25).getAsDouble();
    assertThat(third).isPositive().isLessThan(poisson.epsilon(terms, ROUNDS) / 2);
    PrivacyPlan turns = plan(OptionalDouble.empty(), sigma);
    assertThat(turns.thirdPartyEpsilon(terms, ROUNDS, 0.25)).isEmpty();
  }

  @Test
  void secureNoiseIsAccountedByIntegerOrdersAndNeedsNoise() {
    Protocol secure =
        new Protocol(
            Unit.RECORD,
            ThreatModel.SERVER,
            Sampler.POISSON,
            Participation.ROUND_ROBIN,
            Protocol.NoiseMode.SECURE);
    PrivacyPlan plan = plan(secure, OptionalDouble.of(4), OptionalDouble.empty());
    assertThat(plan.accountant().name()).isEqualTo("rdp-integer-orders");
    assertThat(plan.terms(100).step().noiser()).isInstanceOf(DiscreteGaussianNoiser.class);
    assertThat(plan.epsilon(plan.terms(100), CAP)).isBetween(3.9, 4.0);
    assertThatThrownBy(() -> plan(secure, OptionalDouble.empty(), OptionalDouble.of(0)))
        .hasMessageContaining("noise.mode = secure needs noise");
  }
}
