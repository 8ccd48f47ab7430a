package org.lorica.federation;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * A checkpoint on disk. It is written beside its place, forced to disk, and renamed: whenever the
 * machine stops, the file is either the old one or the new one. It ends with a SHA-256 of what
 * stands before, so that a damaged file is not mistaken for a whole one.
 */
public final class CheckpointFile {
  private static final int DIGEST_BYTES = 32;

  private CheckpointFile() {}

  /**
   * Replaces {@code file}.
   *
   * @throws UncheckedIOException if it cannot be written; the old one then is untouched
   */
  public static void write(Path file, Checkpoint checkpoint) {
    Path draft = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(
              draft,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        DigestOutputStream digested =
            new DigestOutputStream(
                new BufferedOutputStream(Channels.newOutputStream(channel)), sha256());
        DataOutputStream out = new DataOutputStream(digested);
        CheckpointFormat.write(out, checkpoint);
        out.flush();
        digested.on(false);
        digested.write(digested.getMessageDigest().digest());
        digested.flush();
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      forceFolder(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /** Makes the rename last; file systems that have no such thing do not need it. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      return; // the file itself is safe
    }
  }

  /**
   * Reads it again.
   *
   * @throws IllegalArgumentException if it is damaged or of another format
   */
  public static Checkpoint read(Path file) {
    try {
      byte[] all = Files.readAllBytes(file);
      if (all.length < DIGEST_BYTES || !isWhole(all)) {
        throw new IllegalArgumentException(
            file
                + ": expected a whole checkpoint, found a damaged one of "
                + all.length
                + " bytes; without the file the run begins again with round 1");
      }
      int length = all.length - DIGEST_BYTES;
      return CheckpointFormat.read(
          new DataInputStream(new ByteArrayInputStream(all, 0, length)), file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(file + ": no such checkpoint", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** Whether a run can go on from it. */
  public static boolean isWhole(Path file) {
    try {
      read(file);
      return true;
    } catch (IllegalArgumentException | UncheckedIOException e) {
      return false;
    }
  }

  private static boolean isWhole(byte[] all) {
    MessageDigest sha = sha256();
    sha.update(all, 0, all.length - DIGEST_BYTES);
    return Arrays.equals(
        sha.digest(), Arrays.copyOfRange(all, all.length - DIGEST_BYTES, all.length));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
