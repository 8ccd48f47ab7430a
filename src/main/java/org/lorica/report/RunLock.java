package org.lorica.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a run folder for one process. The operating system lets go of it when the process ends,
 * however it ends.
 */
final class RunLock {
  private static final String FILE = ".lock";

  private final FileChannel channel;

  private RunLock(FileChannel channel) {
    this.channel = channel;
  }

  static RunLock take(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isFree(channel)) {
        return new RunLock(channel);
      }
      channel.close();
      throw new IllegalArgumentException(folder + ": its run goes on in another process");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock " + file + ": " + e.getMessage(), e);
    }
  }

  private static boolean isFree(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // another run of this JVM
    }
  }

  /** Lets go; {@code folder} is where the lock's file lies by now. */
  void release(Path folder) {
    try {
      Files.deleteIfExists(folder.resolve(FILE));
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unlock " + folder + ": " + e.getMessage(), e);
    }
  }
}
