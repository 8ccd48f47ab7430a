package org.lorica.data;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/**
 * Opens data files: plain paths on this machine, and {@code scheme://…} through Hadoop with the
 * settings of the {@code core-site.xml} on the class path. Names that end with {@code .gz} are
 * unzipped.
 */
final class DataFiles {
  private DataFiles() {}

  /** Whether a name is for Hadoop and not a path of this machine. */
  static boolean remote(String name) {
    return name.matches("[a-z][a-z0-9+.-]+:/.*");
  }

  /**
   * The file itself, or a folder's files by name; those that begin with '_' or '.' are markers and
   * left out.
   */
  static List<String> list(String name) {
    List<String> files = remote(name) ? listRemote(name) : listLocal(name);
    if (files.isEmpty()) {
      throw new IllegalArgumentException(name + ": expected a data file in the folder, found none");
    }
    return files;
  }

  private static List<String> listLocal(String name) {
    Path path = Path.of(name);
    if (Files.isRegularFile(path)) {
      return List.of(name);
    }
    if (!Files.isDirectory(path)) {
      throw missing(name, null);
    }
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(Files::isRegularFile)
          .filter(f -> isData(f.getFileName().toString()))
          .map(Path::toString)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(name + ": " + e.getMessage(), e);
    }
  }

  private static List<String> listRemote(String name) {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(name);
    try {
      FileSystem files = path.getFileSystem(new Configuration());
      FileStatus[] found = files.listStatus(path);
      List<String> all = new ArrayList<>();
      for (FileStatus status : found) {
        boolean single = found.length == 1 && status.getPath().getName().equals(path.getName());
        if (status.isFile() && (single || isData(status.getPath().getName()))) {
          all.add(status.getPath().toString());
        }
      }
      all.sort(Comparator.naturalOrder());
      return all;
    } catch (FileNotFoundException e) {
      throw missing(name, e);
    } catch (IOException e) {
      throw new UncheckedIOException(name + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) { // a host without an address, a broken URI
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private static boolean isData(String name) {
    return !name.startsWith("_") && !name.startsWith(".");
  }

  private static IllegalArgumentException missing(String name, Exception cause) {
    return new IllegalArgumentException(name + ": no such data file", cause);
  }

  /** The bytes of one file, unzipped. */
  static InputStream open(String file) throws IOException {
    InputStream raw;
    if (remote(file)) {
      org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file);
      raw = path.getFileSystem(new Configuration()).open(path);
    } else {
      raw = Files.newInputStream(Path.of(file));
    }
    return file.endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw;
  }

  /** Its text; bytes that are not UTF-8 are an error. */
  static BufferedReader reader(String file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(
            open(file),
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)));
  }
}
