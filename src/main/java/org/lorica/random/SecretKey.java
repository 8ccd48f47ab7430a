package org.lorica.random;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * 256 bits that nobody may know. Children are HMAC-SHA256 of the parent, so a child tells nothing
 * of its parent or siblings; draws are an AES-256-CTR keystream. The root stays in the driver's
 * memory; only children are shipped to the tasks that need them. Never printed.
 */
public final class SecretKey implements DrawKey {
  private static final long serialVersionUID = 1L;
  private static final int BYTES = 32;
  private static final byte PURPOSE = 1;
  private static final byte PART = 2;

  private final byte[] key;

  private SecretKey(byte[] key) {
    this.key = key;
  }

  /** A new root from the system's entropy. */
  public static SecretKey fresh() {
    byte[] key = new byte[BYTES];
    new SecureRandom().nextBytes(key);
    return new SecretKey(key);
  }

  /**
   * A root that was kept elsewhere.
   *
   * @param bytes 32 bytes; copied
   */
  public static SecretKey of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a secret key must have 32 bytes, got " + bytes.length);
    }
    return new SecretKey(bytes.clone());
  }

  /** A copy of the 32 bytes, for whoever must keep the root in a protected place. */
  public byte[] toBytes() {
    return key.clone();
  }

  @Override
  public SecretKey with(Purpose purpose) {
    return derive(PURPOSE, purpose.code());
  }

  @Override
  public SecretKey with(long part) {
    return derive(PART, part);
  }

  private SecretKey derive(byte domain, long part) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return new SecretKey(mac.doFinal(ByteBuffer.allocate(9).put(domain).putLong(part).array()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no HMAC-SHA256", e);
    }
  }

  @Override
  public Draws draws() {
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
      return new KeyStream(cipher);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no AES with keys of 256 bits", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SecretKey o && Arrays.equals(key, o.key);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(key);
  }

  @Override
  public String toString() {
    return "SecretKey[hidden]";
  }

  /** Bits of a keystream, in blocks. */
  private static final class KeyStream implements Draws {
    private static final byte[] ZEROS = new byte[4096];

    private final Cipher cipher;
    private ByteBuffer block = ByteBuffer.allocate(0);
    private long reservoir = 0;
    private int left = 0;

    KeyStream(Cipher cipher) {
      this.cipher = cipher;
    }

    @Override
    public long bits(int count) {
      if (count < 1 || count > 63) {
        throw new IllegalArgumentException("count must be in 1..63, got " + count);
      }
      long value = 0;
      int wanted = count;
      while (wanted > 0) {
        if (left == 0) {
          if (!block.hasRemaining()) {
            block = ByteBuffer.wrap(cipher.update(ZEROS));
          }
          reservoir = block.getLong();
          left = Long.SIZE;
        }
        int taken = Math.min(wanted, left);
        value = (value << taken) | (reservoir >>> (Long.SIZE - taken));
        reservoir = taken == Long.SIZE ? 0 : reservoir << taken;
        left -= taken;
        wanted -= taken;
      }
      return value;
    }
  }
}
