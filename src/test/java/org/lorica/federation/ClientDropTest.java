package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;
import org.lorica.privacy.ClientTerms;
import org.lorica.random.RandomKey;
import org.lorica.sketch.FactorMean;
import org.lorica.sketch.TrainedClient;
import org.lorica.tensor.Matrix;

/** What becomes of a client whose training fails. */
class ClientDropTest {
  private static final AdapterLayout LAYOUT =
      new AdapterLayout(List.of(new LoraModule("m", 6, 5)), List.of(), 2, 1.0);
  private static final Set<Role> FACTORS = Set.of(Role.B, Role.A);
  private static final AdapterSet GLOBAL =
      AdapterInit.fresh(LAYOUT, new float[0], RandomKey.root(1));
  private static final LocalTask TASK =
      new LocalTask(
          3,
          GLOBAL,
          LocalPlan.always(FACTORS),
          new LocalTask.Training(
              1, 4, 4, new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 1, 1, 1)));

  private static Participant participant(int client, double weight) {
    return new Participant(client, weight, ClientTerms.withoutPrivacy(1), RandomKey.root(client));
  }

  private static AdapterSet shifted(double by) {
    float[] values = GLOBAL.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) by;
    }
    return AdapterSet.of(LAYOUT, values);
  }

  private static ClientUpdate trained(Participant who, AdapterSet adapter) {
    return new ClientUpdate(
        who, TrainedClient.untrained(adapter), new TrainingStats(1, 4, 0, 0, 0));
  }

  private static ClientUpdate guard(Participant who, Supplier<ClientUpdate> training) {
    return ClientDrop.guard(TASK, who, training);
  }

  @Test
  void aClientThatThrowsIsNamedAndStandsForNoChange() {
    ClientUpdate update =
        guard(
            participant(5, 0.25),
            () -> {
              throw new IllegalArgumentException("token 3:\n  must be below 23");
            });
    assertThat(update.failures())
        .containsExactly(new ClientFailure(5, "token 3: must be below 23"));
    assertThat(update.adapter()).isEqualTo(GLOBAL);
    assertThat(update.stats()).isEqualTo(new TrainingStats(1, 0, 0, 0, 0));
    assertThat(update.participant().weight()).isEqualTo(0.25);
  }

  @ParameterizedTest(name = "a value of {0}")
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, 2e6, -2e6, 1e4})
  void aClientThatDivergedIsDroppedBeforeItSpoilsTheSum(double value) {
    Participant who = participant(5, 1);
    ClientUpdate update = guard(who, () -> trained(who, shifted(value)));
    assertThat(update.failures()).hasSize(1);
    assertThat(update.failures().get(0).reason()).contains("lower optimizer.learning-rate");
    assertThat(update.adapter()).isEqualTo(GLOBAL);
    assertThat(guard(who, () -> trained(who, shifted(10))).failures()).isEmpty();
  }

  /** Another attempt may succeed where the machine is to blame: the task must fail instead. */
  @Test
  void theMachinesFaultsAreNotTheClients() {
    Participant who = participant(5, 1);
    assertThatThrownBy(
            () ->
                guard(
                    who,
                    () -> {
                      throw new UncheckedIOException(new IOException("stale file handle"));
                    }))
        .isInstanceOf(UncheckedIOException.class);
    assertThatThrownBy(
            () ->
                guard(
                    who,
                    () -> {
                      throw new OutOfMemoryError("native memory");
                    }))
        .isInstanceOf(OutOfMemoryError.class);
    try {
      assertThatThrownBy(
              () ->
                  guard(
                      who,
                      () -> {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException("killed by the scheduler");
                      }))
          .isInstanceOf(IllegalStateException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  /** θ + Σ_{k trained} w(θ_k − θ): the dropped client's weight stays in the denominator. */
  @Test
  void denominatorsStayAsTheyWere() {
    Participant good = participant(1, 0.25);
    Participant bad = participant(2, 0.75);
    LocalCohort cohort =
        new LocalCohort(
            List.of(
                trained(good, shifted(1)),
                guard(
                    bad,
                    () -> {
                      throw new IllegalStateException("broken");
                    })));
    Matrix mean = cohort.weightedSum(new FactorMean(Set.of(Role.B))).get(0);
    Matrix before = GLOBAL.tensors(Set.of(Role.B)).get(0);
    for (int i = 0; i < mean.rows(); i++) {
      for (int j = 0; j < mean.cols(); j++) {
        assertThat(mean.at(i, j)).isCloseTo(before.at(i, j) + 0.25, within());
      }
    }
    assertThat(cohort.stats().clients()).isEqualTo(2);
    assertThat(cohort.failures()).extracting(ClientFailure::client).containsExactly(2);
    assertThat(Turnout.of(cohort, 1).status()).isEqualTo(Turnout.Status.AGGREGATED);
    assertThat(Turnout.of(cohort, 2).status()).isEqualTo(Turnout.Status.VOID);
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-6);
  }

  @Test
  void longReasonsAreCut() {
    assertThat(new ClientFailure(1, "x".repeat(5000)).reason()).hasSizeLessThan(210);
  }

  @Test
  void reportsAddUpInAnyOrder() {
    CohortReport one =
        CohortReport.of(ClientUpdate.dropped(participant(7, 1), GLOBAL, ClientFailure.diverged(7)));
    CohortReport two =
        CohortReport.of(ClientUpdate.dropped(participant(3, 1), GLOBAL, ClientFailure.diverged(3)));
    assertThat(one.plus(two)).isEqualTo(two.plus(one));
    assertThat(one.plus(two).failures()).extracting(ClientFailure::client).containsExactly(3, 7);
  }
}
