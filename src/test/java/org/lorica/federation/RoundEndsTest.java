package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RoundEndsTest {
  @Test
  void whatIsBegunGoesOnBesideUntilItIsAwaited() throws InterruptedException {
    CountDownLatch trains = new CountDownLatch(1);
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    try (RoundEnds ends = RoundEnds.besideTraining()) {
      ends.begin(
          () -> {
            awaited(trains);
            order.add("evaluated");
          });
      order.add("trains"); // begin has returned before its work is done
      trains.countDown();
      ends.await();
      order.add("charged");
    }
    assertThat(order).containsExactly("trains", "evaluated", "charged");
  }

  /** Else it would take the task slots of clients that have not been asked for yet. */
  @Test
  void whatIsBegunLeavesTheFirstPlaceToTraining() throws InterruptedException {
    CountDownLatch evaluates = new CountDownLatch(1);
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    try (RoundEnds ends = RoundEnds.besideTraining()) {
      ends.begin(
          () -> {
            order.add("evaluated");
            evaluates.countDown();
          });
      Thread.sleep(100); // enough for what does not wait
      order.add("clients asked for");
      ends.trainingStarted();
      awaited(evaluates);
      order.add("trained");
    }
    assertThat(order).containsExactly("clients asked for", "evaluated", "trained");
  }

  private static void awaited(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void atOnceNothingIsLeftToAwait() {
    List<String> order = new ArrayList<>();
    try (RoundEnds ends = RoundEnds.atOnce()) {
      ends.begin(() -> order.add("evaluated"));
      order.add("trains");
    }
    assertThat(order).containsExactly("evaluated", "trains");
  }

  @Test
  void aFailureBesideIsThrownAsItWasAndOnce() {
    IllegalArgumentException failure = new IllegalArgumentException("no disk");
    RoundEnds ends = RoundEnds.besideTraining();
    ends.begin(
        () -> {
          throw failure;
        });
    assertThatThrownBy(ends::await).isSameAs(failure);
    assertThatCode(ends::close).doesNotThrowAnyException();
  }

  /** A round that was over when the next one's training failed is still told of. */
  @Test
  void afterAFailureOfTrainingTheRoundBeforeIsStillEnded() {
    List<String> told = Collections.synchronizedList(new ArrayList<>());
    assertThatThrownBy(
            () -> {
              try (RoundEnds ends = RoundEnds.besideTraining()) {
                ends.begin(() -> told.add("round 1"));
                throw new IllegalStateException("training failed");
              }
            })
        .hasMessage("training failed");
    assertThat(told).containsExactly("round 1");
  }

  /** Else a run would give its folder back while its last round is still being written there. */
  @Test
  void anInterruptedRunEndsOnlyAfterWhatItBegan() throws InterruptedException {
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch evaluates = new CountDownLatch(1);
    Thread run =
        new Thread(
            () -> {
              try (RoundEnds ends = RoundEnds.besideTraining()) {
                ends.begin(
                    () -> {
                      evaluates.countDown();
                      slowly();
                      order.add("written");
                    });
                ends.trainingStarted();
                awaited(evaluates);
                Thread.currentThread().interrupt();
                ends.await();
              } catch (IllegalStateException e) {
                order.add(
                    e.getMessage() + (Thread.currentThread().isInterrupted() ? ", and knows" : ""));
              }
            });
    run.start();
    run.join(30_000);
    Thread.sleep(300); // what is still going on would come to light
    assertThat(order).containsExactly("written", "the run was interrupted, and knows");
  }

  /** Work that no interruption stops. */
  private static void slowly() {
    long end = System.nanoTime() + 200_000_000;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }
}
