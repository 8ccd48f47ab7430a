package org.lorica.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

/**
 * The folder of one run. Until {@link #complete} its name ends in {@code .incomplete}, so an
 * interrupted run is never mistaken for a finished one. Files are written beside their place and
 * moved into it; {@code rounds.jsonl} is appended to and forced to disk a line at a time.
 */
public final class RunFolder {
  static final String INCOMPLETE = ".incomplete";
  private static final String SUMMARY = "summary.txt";
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  private final Path target;
  private Path folder;

  private RunFolder(Path target, Path folder) {
    this.target = target;
    this.folder = folder;
  }

  /** Makes {@code <parent>/<name>-<yyyyMMdd-HHmmss>.incomplete} (UTC); refuses one that exists. */
  public static RunFolder create(Path parent, String name) {
    return create(parent, name, Clock.systemUTC());
  }

  static RunFolder create(Path parent, String name, Clock clock) {
    Path target = parent.resolve(name + "-" + LocalDateTime.now(clock).format(STAMP));
    Path folder = target.resolveSibling(target.getFileName() + INCOMPLETE);
    refuseExisting(target);
    try {
      Files.createDirectories(parent);
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      throw new IllegalArgumentException(
          e.getFile() + ": exists already; choose another lorica.out or lorica.name", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make run folder " + folder, e);
    }
    return new RunFolder(target, folder);
  }

  /** The files of a folder whose name is somebody else's concern. */
  public static RunFolder at(Path folder) {
    return new RunFolder(folder, folder);
  }

  /** Where the files are now; changes on {@link #complete}. */
  public Path path() {
    return folder;
  }

  /** Where the files will be after {@link #complete}. */
  public Path finalPath() {
    return target;
  }

  /** The folder for the exported PEFT adapter; made by its writer. */
  public Path adapter() {
    return folder.resolve("adapter");
  }

  public void writeManifest(Manifest manifest) {
    write("manifest.json", Json.pretty(manifest));
  }

  public void writePrivacy(PrivacyStatement privacy) {
    write("privacy.json", Json.pretty(privacy));
  }

  /** Writes any value as a JSON file of the folder. */
  public void writeJson(String name, Object value) {
    write(name, Json.pretty(value));
  }

  public void writeSummary(String text) {
    write(SUMMARY, text.endsWith("\n") ? text : text + "\n");
  }

  /** Appends one line to {@code rounds.jsonl} and forces it to disk. */
  public void append(RoundRecord round) {
    Path file = folder.resolve("rounds.jsonl");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      drain(channel, Json.line(round));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot append to " + file, e);
    }
  }

  /** Takes {@code .incomplete} off the name; the summary must have been written. */
  public Path complete() {
    if (folder.equals(target)) {
      throw new IllegalStateException(target + ": completed already");
    }
    if (!Files.exists(folder.resolve(SUMMARY))) {
      throw new IllegalStateException(folder + ": cannot complete a run without " + SUMMARY);
    }
    refuseExisting(target);
    try {
      Files.move(folder, target);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot rename " + folder + " to " + target, e);
    }
    folder = target;
    return target;
  }

  /** A rename would silently replace an empty folder on some systems. */
  private static void refuseExisting(Path target) {
    if (Files.exists(target)) {
      throw new IllegalArgumentException(
          target + ": exists already; choose another lorica.out or lorica.name");
    }
  }

  private void write(String name, String text) {
    Path file = folder.resolve(name);
    Path draft = folder.resolve("." + name + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(
              draft,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        drain(channel, text);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static void drain(FileChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    channel.force(true);
  }
}
