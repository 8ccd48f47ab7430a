package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.BaseUpdate;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.LoraModule;
import org.lorica.privacy.Ledger;
import org.lorica.privacy.SampledGaussian;
import org.lorica.random.RandomKey;
import org.lorica.tensor.Matrix;

class CheckpointFileTest {
  private static final AdapterLayout LAYOUT =
      new AdapterLayout(
          List.of(new LoraModule("größer.query", 6, 5)),
          List.of(new LoraModule("head", 3, 6)),
          2,
          0.1);

  @TempDir private Path dir;

  private static Matrix gaussian(long seed, int rows, int cols) {
    double[] values = new double[rows * cols];
    RandomKey.root(seed).addGaussiansInPlace(1, values);
    return Matrix.of(rows, cols, values);
  }

  private static Checkpoint sample(int rounds) {
    float[] values = AdapterInit.fresh(LAYOUT, new float[18], RandomKey.root(rounds)).toArray();
    values[0] = -0.0f;
    values[1] = Float.MIN_VALUE;
    AdapterSet adapter =
        AdapterSet.of(LAYOUT, values)
            .withBase(
                new BaseUpdate(List.of(new LoraFactors(gaussian(1, 6, 3), gaussian(2, 3, 5)))));
    StrategyState state =
        StrategyState.NONE
            .with("scores", List.of(0.1 + 0.2, -0.0, Double.MIN_VALUE))
            .with("none", List.of());
    Ledger ledger = new Ledger();
    for (int client = 0; client < 9; client++) {
      ledger.charge(client * 1000, new SampledGaussian(0.1 + client % 2 * 0.2, 1.1), 5);
    }
    ledger.charge(3000, new SampledGaussian(0.3, 1.7), 5);
    ledger.chargeNothing(77);
    ledger.chargeEverybody(new SampledGaussian(0.25, 0.9), rounds);
    return new Checkpoint(
        Checkpoint.Origin.of("settings", "inventory"),
        new RoundsDone(rounds, new ServerState(adapter, state)),
        ledger,
        StrategyState.NONE.with("seen", List.of(1.0, rounds + 0.5)));
  }

  private static void isSame(Checkpoint found, Checkpoint expected) {
    assertThat(found.origin()).isEqualTo(expected.origin());
    assertThat(found.done()).isEqualTo(expected.done());
    assertThat(found.observed()).isEqualTo(expected.observed());
    assertThat(found.done().server().adapter().digest())
        .isEqualTo(expected.done().server().adapter().digest());
    assertThat(found.ledger().entries()).isEqualTo(expected.ledger().entries());
    assertThat(found.ledger().everybody()).isEqualTo(expected.ledger().everybody());
  }

  @Test
  void everyBitComesBackAndTheOldFileIsReplaced() throws IOException {
    Path file = dir.resolve("checkpoint.bin");
    CheckpointFile.write(file, sample(3));
    CheckpointFile.write(file, sample(4));
    isSame(CheckpointFile.read(file), sample(4));
    float zero = CheckpointFile.read(file).done().server().adapter().toArray()[0];
    assertThat(Float.floatToRawIntBits(zero)).isEqualTo(Float.floatToRawIntBits(-0.0f));
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files).containsExactly(file);
    }
  }

  /** Also a file that was cut at any length, and one with any single bit turned. */
  @Test
  void aDamagedFileIsNeverTakenForAWholeOne() throws IOException {
    Path file = dir.resolve("checkpoint.bin");
    CheckpointFile.write(file, sample(3));
    byte[] sound = Files.readAllBytes(file);
    for (int i = 0; i < sound.length; i += 7) {
      byte[] turned = sound.clone();
      turned[i] ^= (byte) (1 << i % 8);
      Files.write(file, turned);
      assertThatThrownBy(() -> CheckpointFile.read(file)).hasMessageContaining("damaged");
      Files.write(file, Arrays.copyOf(sound, i));
      assertThatThrownBy(() -> CheckpointFile.read(file)).hasMessageContaining("damaged");
    }
    assertThatThrownBy(() -> CheckpointFile.read(dir.resolve("none")))
        .hasMessageContaining("no such checkpoint");
  }

  @Test
  void aFailedWriteLeavesTheOldFile() throws IOException {
    Path file = dir.resolve("checkpoint.bin");
    CheckpointFile.write(file, sample(3));
    Files.createSymbolicLink(dir.resolve(".checkpoint.bin.tmp"), Path.of("/dev/full"));
    assertThatThrownBy(() -> CheckpointFile.write(file, sample(4)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("checkpoint.bin: No space left on device");
    isSame(CheckpointFile.read(file), sample(3));
  }

  @Test
  void aLedgerIsRestoredOnlyIntoAnEmptyOne() {
    Ledger ledger = new Ledger();
    ledger.restore(sample(2).ledger());
    assertThat(ledger.entries()).isEqualTo(sample(2).ledger().entries());
    assertThatThrownBy(() -> ledger.restore(sample(2).ledger()))
        .isInstanceOf(IllegalStateException.class);
  }
}
