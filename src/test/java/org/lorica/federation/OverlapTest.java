package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.LoadedConfig;
import org.lorica.lora.AdapterSet;
import org.lorica.random.RandomKey;
import org.lorica.strategy.Strategies;
import org.lorica.testing.RunTrace;
import org.lorica.testing.TinyScenario;

/** A round's end beside the next round's training, in threads. */
class OverlapTest {
  @TempDir private Path dir;
  private LoadedConfig config;
  private Workbench workbench;

  @BeforeEach
  void load() throws IOException {
    config = TinyScenario.in(dir).load();
    workbench = Workbench.shared(config.resolvedHocon());
  }

  /** Evaluation that says it fits beside training, with something done before it. */
  private HeldOut beside(UnaryOperator<AdapterSet> before) {
    Evaluator plain = new Evaluator(workbench, 1);
    return new HeldOut() {
      @Override
      public Evaluation of(AdapterSet adapter) {
        return plain.of(before.apply(adapter));
      }

      @Override
      public boolean fitsBesideTraining() {
        return true;
      }
    };
  }

  private static void pause() {
    try {
      Thread.sleep(30); // training is over by then
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void everyRoundIsToldWithTheSameBitsAndTheLedgerAsItLeftIt() throws IOException {
    RunTrace afterOneAnother = RunTrace.of(config, LocalCohort.pool(workbench, 2));
    HeldOut slow =
        beside(
            adapter -> {
              pause();
              return adapter;
            });
    assertThat(RunTrace.of(config, LocalCohort.pool(workbench, 2), slow))
        .isEqualTo(afterOneAnother);
    LoadedConfig off =
        new TinyScenario(dir, dir.resolve("tiny.conf")).load("federation.overlap-evaluation=off");
    assertThat(RunTrace.of(off, LocalCohort.pool(workbench, 2), slow)).isEqualTo(afterOneAnother);
  }

  /** The evaluation of round 1 ends only when round 2 trains: they do go on at a time. */
  @Test
  void theNextRoundTrainsMeanwhile() {
    CountDownLatch secondTrains = new CountDownLatch(1);
    AtomicInteger trained = new AtomicInteger();
    ClientPool inner = LocalCohort.pool(workbench, 2);
    ClientPool telling =
        (task, participants) -> {
          if (trained.incrementAndGet() == 2) {
            secondTrains.countDown();
          }
          return inner.train(task, participants);
        };
    HeldOut waiting =
        beside(
            adapter -> {
              try {
                assertThat(secondTrains.await(30, TimeUnit.SECONDS)).isTrue();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return adapter;
            });
    assertThat(RunTrace.of(config, telling, waiting).rounds()).hasSize(4);
  }

  private Federation federation(FederationPrivacy privacy, List<Integer> told) {
    return new Federation(
        config.run(),
        workbench,
        Strategies.of(config.run()),
        privacy,
        List.of(result -> told.add(result.round())));
  }

  @Test
  void aFailedEvaluationStopsTheRunBeforeTheNextRoundIsCharged() {
    AtomicInteger evaluations = new AtomicInteger();
    HeldOut failing =
        beside(
            adapter -> {
              if (evaluations.incrementAndGet() == 2) {
                throw new IllegalArgumentException("held-out data are gone");
              }
              return adapter;
            });
    List<Integer> told = Collections.synchronizedList(new ArrayList<>());
    FederationPrivacy privacy =
        FederationPrivacy.of(config.run(), workbench.population().clients());
    AdapterSet start = workbench.initialAdapter(RandomKey.root(42));
    assertThatThrownBy(
            () -> federation(privacy, told).run(LocalCohort.pool(workbench, 2), start, failing))
        .hasMessage("held-out data are gone");
    assertThat(told).containsExactly(1);
    int charged =
        privacy.ledger().entries().values().stream().mapToInt(e -> e.participations()).sum();
    assertThat(charged).isEqualTo(2 * 7); // two rounds of seven
  }

  @Test
  void aFailedTrainingLeavesTheRoundBeforeTold() {
    ClientPool inner = LocalCohort.pool(workbench, 2);
    ClientPool failing =
        (task, participants) -> {
          if (task.round() == 2) {
            throw new IllegalStateException("cluster lost");
          }
          return inner.train(task, participants);
        };
    List<Integer> told = Collections.synchronizedList(new ArrayList<>());
    HeldOut slow =
        beside(
            adapter -> {
              pause();
              return adapter;
            });
    FederationPrivacy privacy =
        FederationPrivacy.of(config.run(), workbench.population().clients());
    AdapterSet start = workbench.initialAdapter(RandomKey.root(42));
    assertThatThrownBy(() -> federation(privacy, told).run(failing, start, slow))
        .hasMessage("cluster lost");
    assertThat(told).containsExactly(1, 2);
  }
}
