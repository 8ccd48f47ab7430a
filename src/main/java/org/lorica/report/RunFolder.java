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
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of one run. Until {@link #complete} its name ends in {@code .incomplete}, so an
 * interrupted run is never mistaken for a finished one. Files are written beside their place and
 * moved into it; {@code rounds.jsonl} is appended to and forced to disk a line at a time. One
 * process at a time writes to a folder.
 */
public final class RunFolder {
  /** How the name of a folder ends whose run is not finished. */
  public static final String INCOMPLETE = ".incomplete";

  private static final String SUMMARY = "summary.txt";
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  private final Path target;
  private final RunLock lock;
  private Path folder;

  private RunFolder(Path target, Path folder) {
    this.target = target;
    this.folder = folder;
    this.lock = RunLock.take(folder);
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
      throw new UncheckedIOException("cannot make run folder " + folder + ": " + e.getMessage(), e);
    }
    return new RunFolder(target, folder);
  }

  /**
   * The folder of a run that was interrupted; what it holds beyond the rounds that are done is for
   * {@link #keepRounds} to remove.
   *
   * @throws IllegalArgumentException if it is no such folder, or the run goes on in another process
   */
  public static RunFolder reopen(Path folder) {
    String name = folder.toAbsolutePath().normalize().getFileName().toString();
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(folder + ": no such run folder");
    }
    if (!name.endsWith(INCOMPLETE)) {
      throw new IllegalArgumentException(
          folder
              + ": expected the folder of an interrupted run, whose name ends with "
              + INCOMPLETE
              + ", found one that is complete or none");
    }
    Path absolute = folder.toAbsolutePath().normalize();
    Path target = absolute.resolveSibling(name.substring(0, name.length() - INCOMPLETE.length()));
    refuseExisting(target);
    return new RunFolder(target, absolute);
  }

  /** The newest folder of an interrupted run of that name, if there is one. */
  public static Optional<Path> newestIncomplete(Path parent, String name) {
    if (!Files.isDirectory(parent)) {
      return Optional.empty();
    }
    Pattern pattern =
        Pattern.compile(Pattern.quote(name) + "-\\d{8}-\\d{6}" + Pattern.quote(INCOMPLETE));
    try (Stream<Path> folders = Files.list(parent)) {
      return folders
          .filter(f -> pattern.matcher(f.getFileName().toString()).matches())
          .max(Comparator.comparing(f -> f.getFileName().toString()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + parent + ": " + e.getMessage(), e);
    }
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

  /** The checkpoint's place. */
  public Path checkpoint() {
    return folder.resolve("checkpoint.bin");
  }

  /** The place of the noise's key, where it is secret. */
  public Path noiseKey() {
    return folder.resolve("noise.key");
  }

  /** The manifest of this run as it was written. */
  public Manifest manifest() {
    return manifestOf(folder);
  }

  /** The manifest in a run folder, which may be another process's. */
  public static Manifest manifestOf(Path folder) {
    Path file = folder.resolve("manifest.json");
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(folder + ": no such run folder");
    }
    if (!Files.exists(file) && !folder.toString().endsWith(INCOMPLETE)) {
      throw new IllegalArgumentException(
          folder + ": expected a run folder with manifest.json, found none in it");
    }
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          file + ": missing; the run ended before it began, so start it anew");
    }
    try {
      return Manifest.parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          file + ": expected a manifest, found " + e.getMessage(), e);
    }
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
      throw new UncheckedIOException("cannot append to " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Cuts {@code rounds.jsonl} down to its first {@code rounds} lines: what stands behind them, half
   * a line too, is of a round that the checkpoint does not know.
   */
  public void keepRounds(int rounds) {
    Path file = folder.resolve("rounds.jsonl");
    try {
      String text = Files.exists(file) ? Files.readString(file) : "";
      int end = 0;
      for (int line = 0; line < rounds; line++) {
        end = text.indexOf('\n', end) + 1;
        if (end == 0) {
          throw new IllegalArgumentException(
              file + ": expected a line for each of " + rounds + " rounds, found " + line);
        }
      }
      if (end < text.length()) {
        write("rounds.jsonl", text.substring(0, end));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** What {@code rounds.jsonl} tells of how long phases took. */
  public RunSeconds seconds() {
    return RunSeconds.of(lines());
  }

  /** What {@code rounds.jsonl} tells of clients that dropped out, and of void rounds. */
  public RunFaults faults() {
    return RunFaults.of(lines());
  }

  private List<String> lines() {
    Path file = folder.resolve("rounds.jsonl");
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
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
      Files.deleteIfExists(checkpoint());
      Files.move(folder, target);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot rename " + folder + " to " + target + ": " + e.getMessage(), e);
    }
    folder = target;
    lock.release(target);
    return target;
  }

  /** Lets another process have the folder; for a run that ends before it is complete. */
  public void abandon() {
    lock.release(folder);
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
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
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
