package org.lorica.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.config.FederationConfig;
import org.lorica.config.Overlap;

class PackingTest {
  private static Packing packing(int perPartition, int partitions, int slots) {
    return new Packing(
        new FederationConfig.Packing(perPartition, 1, partitions, 2, 64, Overlap.ON), slots);
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 7, 7", "3, 0, 7, 3", "1, 2, 7, 2", "1, 50, 7, 7", "0, 5, 7, 5", "9, 0, 7, 1"})
  void aFixedPackingIsWhatTheConfigurationSays(int each, int partitions, int clients, int want) {
    assertThat(packing(each, partitions, 4).partitions(clients)).isEqualTo(want);
  }

  /** One partition for a tenth of a second of the round, between 1 and 8 a slot. */
  @ParameterizedTest
  @CsvSource({"10000, 0.2, 4", "10000, 0.85, 8", "10000, 2.0, 20", "10000, 60, 32", "3, 60, 3"})
  void theAdaptivePackingFollowsTheLengthOfARound(int clients, double seconds, int want) {
    Packing packing = packing(0, 0, 4);
    packing.trained(clients, seconds);
    assertThat(packing.partitions(clients)).isEqualTo(want);
  }

  @Test
  void theFirstRoundFillsAllSlotsAndTheSlowestIsForgotten() {
    Packing packing = packing(0, 0, 4);
    assertThat(packing.partitions(100)).isEqualTo(8);
    assertThat(packing.partitions(1)).isEqualTo(1);
    packing.trained(100, 30);
    assertThat(packing.partitions(100)).isEqualTo(32);
    packing.trained(100, 0.3);
    assertThat(packing.partitions(100)).isEqualTo(4);
  }
}
