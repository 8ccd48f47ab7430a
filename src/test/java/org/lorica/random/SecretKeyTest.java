package org.lorica.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;

class SecretKeyTest {
  private final SecretKey key = SecretKey.of(new byte[32]);

  @Test
  void drawsAreTheKeystreamOfAesInCounterMode() {
    // FIPS-197 AES-256 of the zero block under the zero key
    Draws draws = key.draws();
    assertThat(draws.bits(32)).isEqualTo(0xdc95c078L);
    assertThat(draws.bits(8)).isEqualTo(0xa2L);
    assertThat(draws.bits(24)).isEqualTo(0x408989L);
    assertThat(draws.bits(63)).isEqualTo(0xad48a21492842087L >>> 1);
  }

  @Test
  void childrenDifferByDomainPartAndOrder() {
    assertThat(key.with(1)).isEqualTo(key.with(1)).isNotEqualTo(key.with(2));
    assertThat(key.with(Purpose.NOISE)).isNotEqualTo(key.with(Purpose.NOISE.code()));
    assertThat(key.with(1).with(2)).isNotEqualTo(key.with(2).with(1));
  }

  @Test
  void twoFreshKeysDiffer() {
    assertThat(SecretKey.fresh()).isNotEqualTo(SecretKey.fresh());
  }

  @Test
  void theKeyIsNotPrinted() {
    assertThat(key.toString()).isEqualTo("SecretKey[hidden]");
  }

  @Test
  void aShippedKeyDrawsTheSame() throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(key.with(3));
    }
    Object back;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      back = in.readObject();
    }
    assertThat(back).isEqualTo(key.with(3));
  }

  @Test
  void boundedDrawsStayInBoundsAndReachEveryValue() {
    Draws draws = key.draws();
    boolean[] seen = new boolean[7];
    for (int i = 0; i < 1000; i++) {
      seen[(int) draws.below(7)] = true;
    }
    assertThat(seen).containsOnly(true);
    assertThat(draws.below(1)).isZero();
    assertThatThrownBy(() -> draws.below(0)).hasMessage("bound must be > 0, got 0");
  }

  @Test
  void aKeyOfAnotherLengthIsRefused() {
    assertThatThrownBy(() -> SecretKey.of(new byte[16]))
        .hasMessage("a secret key must have 32 bytes, got 16");
  }
}
