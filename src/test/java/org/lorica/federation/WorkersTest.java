package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.lora.AdapterLayout;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.model.ScratchBert;
import org.lorica.model.Worker;
import org.lorica.random.RandomKey;
import org.lorica.tensor.FastestKernels;

class WorkersTest {
  private final Workers workers = new Workers(2);
  private Model model;
  private AdapterLayout layout;

  @BeforeEach
  void load(@TempDir Path dir) {
    ScratchBert.write(dir, new ScratchBert.Size(24, 1, 2, 260, 64), 2, RandomKey.root(1));
    model = Models.load(dir, FastestKernels.here());
    layout = layout(2);
  }

  private AdapterLayout layout(int rank) {
    return new AdapterLayout(model.linearModules().subList(0, 1), List.of(), rank, 1);
  }

  private Worker next() {
    return workers.lend(model, layout, worker -> worker);
  }

  @Test
  void aThreadThatIsNewGetsTheWorkerOfOneThatEnded() {
    Worker first =
        CompletableFuture.supplyAsync(this::next, work -> new Thread(work).start()).join();
    assertThat(next()).isSameAs(first);
  }

  @Test
  void nobodyGetsAWorkerThatIsInUse() {
    Worker inner = workers.lend(model, layout, worker -> next());
    assertThat(workers.<Boolean>lend(model, layout, w -> next() != w)).isTrue();
    assertThat(workers.idle()).isEqualTo(2);
    assertThat(inner).isNotNull();
  }

  @Test
  void aWorkerWhoseWorkFailedIsLentAgain() {
    Worker first = next();
    assertThatThrownBy(
            () ->
                workers.lend(
                    model,
                    layout,
                    worker -> {
                      throw new IllegalStateException("diverged");
                    }))
        .hasMessage("diverged");
    assertThat(next()).isSameAs(first);
  }

  @Test
  void workersOfLayoutsThatAreNoLongerUsedAreLetGo() {
    Worker first = next();
    for (int rank = 3; rank < 6; rank++) {
      workers.lend(model, layout(rank), worker -> worker);
    }
    assertThat(workers.idle()).isEqualTo(2);
    assertThat(next()).isNotSameAs(first);
  }
}
