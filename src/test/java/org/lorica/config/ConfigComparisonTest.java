package org.lorica.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConfigComparisonTest {
  private static final String BEFORE =
      "{\"lorica\":{\"seed\":42,\"privacy\":{\"delta\":1e-5,\"epsilon\":8,\"noise-multiplier\":null},"
          + "\"federation\":{\"rounds\":30,\"partitions\":0}}}";

  private static String with(String old, String now) {
    assertThat(BEFORE).contains(old);
    return BEFORE.replace(old, now);
  }

  @Test
  void namesEveryKeyThatDiffersWithBothValues() {
    String now =
        with(
            "\"epsilon\":8,\"noise-multiplier\":null", "\"epsilon\":null,\"noise-multiplier\":0.5");
    assertThat(ConfigComparison.differences(BEFORE, now))
        .containsExactly(
            "lorica.privacy.epsilon: 8 → null", "lorica.privacy.noise-multiplier: null → 0.5");
    assertThat(ConfigComparison.digest(now)).isNotEqualTo(ConfigComparison.digest(BEFORE));
  }

  @Test
  void spellingAndOrderOfNumbersAndKeysDoNotCount() {
    String now =
        with("1e-5", "0.00001")
            .replace("\"seed\":42,", "")
            .replace("{\"lorica\":{", "{\"lorica\":{\"seed\":42.0,");
    assertThat(ConfigComparison.differences(BEFORE, now)).isEmpty();
    assertThat(ConfigComparison.digest(now)).isEqualTo(ConfigComparison.digest(BEFORE));
  }

  @Test
  void whatHasNoSayInTheResultDoesNotCount() {
    assertThat(ConfigComparison.differences(BEFORE, with("\"partitions\":0", "\"partitions\":7")))
        .isEmpty();
    assertThat(ConfigComparison.differences(BEFORE, with("\"rounds\":30", "\"rounds\":31")))
        .containsExactly("lorica.federation.rounds: 30 → 31");
    assertThat(ConfigComparison.differences(BEFORE, with("\"seed\":42,", "")))
        .containsExactly("lorica.seed: 42 → (none)");
  }
}
