package org.lorica.federation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.lorica.random.SecretKey;

/**
 * The key of a run with secure noise, in a file of its own that only its owner may read. It is kept
 * while the run may have to go on: another key would draw other noise for messages that the server
 * may have seen already. Whoever reads it can take the noise off again.
 */
public final class SecretKeyFile {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private SecretKeyFile() {}

  /**
   * Writes it; the file must not exist yet.
   *
   * @throws IllegalArgumentException where the file system cannot keep it from others; nothing is
   *     left there then
   */
  public static void write(Path file, SecretKey key) {
    try {
      try (FileChannel channel =
          FileChannel.open(
              file,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
        requireOwnerOnly(file); // before anything is in it: some file systems ignore rights
        channel.write(ByteBuffer.wrap(key.toBytes()));
        channel.force(true);
      } catch (IllegalArgumentException e) {
        Files.deleteIfExists(file);
        throw e;
      }
    } catch (UnsupportedOperationException e) {
      throw noRights(file, e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static IllegalArgumentException noRights(Path file, Exception cause) {
    return new IllegalArgumentException(
        "lorica.out must be on a file system with rights for its owner when noise.mode = secure, got "
            + file.getParent(),
        cause);
  }

  private static void requireOwnerOnly(Path file) throws IOException {
    Set<PosixFilePermission> found = Files.getPosixFilePermissions(file);
    if (!found.equals(OWNER_ONLY)) {
      throw new IllegalArgumentException(
          file
              + ": the noise's key must have the rights rw------- (chmod 600), found "
              + PosixFilePermissions.toString(found)
              + "; if somebody else has read it, the run has no guarantee against them");
    }
  }

  /**
   * Reads it again.
   *
   * @throws IllegalArgumentException if it is missing, damaged, or open to others
   */
  public static SecretKey read(Path file) {
    try {
      requireOwnerOnly(file);
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length != 32) {
        throw new IllegalArgumentException(
            file + ": expected a key of 32 bytes, found " + bytes.length);
      }
      return SecretKey.of(bytes);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          file
              + ": expected the key of the run's noise, found none; without it the round that was"
              + " interrupted cannot be repeated and the run cannot go on",
          e);
    } catch (UnsupportedOperationException e) {
      throw noRights(file, e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** Deletes it: a run that is complete needs it no more. */
  public static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file + ": " + e.getMessage(), e);
    }
  }
}
