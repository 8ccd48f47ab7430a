package org.lorica.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Image files on disk: in a sub-folder for every class, or listed in {@code labels.csv} with a
 * header {@code image,label} (and, if wanted, {@code client}), paths relative to it.
 */
public final class ImageFolder {
  /** File name of the list inside a folder. */
  public static final String LIST = "labels.csv";

  private static final List<String> ENDINGS = List.of(".jpg", ".jpeg", ".png", ".gif", ".bmp");

  private final ImageSource source;

  ImageFolder(ImageSource source) {
    this.source = source;
  }

  /** The classes of a folder of sub-folders, in order of their names; empty where it has a list. */
  public static List<String> classes(Path folder) {
    if (!Files.isDirectory(folder) || Files.isRegularFile(folder.resolve(LIST))) {
      return List.of();
    }
    return children(folder).stream()
        .filter(Files::isDirectory)
        .map(child -> child.getFileName().toString())
        .toList();
  }

  void read(Path path, ImageSet.Builder into) throws IOException {
    if (Files.isRegularFile(path)) {
      list(path, into);
    } else if (Files.isRegularFile(path.resolve(LIST))) {
      list(path.resolve(LIST), into);
    } else if (Files.isDirectory(path)) {
      classFolders(path, into);
    } else {
      throw new IllegalArgumentException(
          path + ": expected a folder of images or a " + LIST + ", found nothing");
    }
  }

  private void classFolders(Path folder, ImageSet.Builder into) {
    List<Path> classes = children(folder).stream().filter(Files::isDirectory).toList();
    if (classes.isEmpty()) {
      throw new IllegalArgumentException(
          folder + ": expected a sub-folder for every class, or " + LIST + ", found neither");
    }
    for (Path one : classes) {
      String name = one.getFileName().toString();
      for (Path file : children(one)) {
        if (ENDINGS.stream().anyMatch(ending -> lower(file).endsWith(ending))) {
          into.add(file.toString(), () -> record(file, source.labels().of(name), ""));
        }
      }
    }
  }

  private static String lower(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT);
  }

  private static List<Path> children(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }

  private void list(Path file, ImageSet.Builder into) throws IOException {
    List<String> lines = Files.readAllLines(file);
    List<String> header = lines.isEmpty() ? List.of() : cells(lines.get(0));
    int image = header.indexOf("image");
    int label = header.indexOf("label");
    int client = header.indexOf("client");
    if (image < 0) {
      throw new IllegalArgumentException(
          file + ": line 1: expected a header with a column \"image\", found " + header);
    }
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      List<String> cells = cells(lines.get(i));
      if (cells.size() != header.size()) {
        throw new IllegalArgumentException(
            file
                + ": line "
                + (i + 1)
                + ": expected "
                + header.size()
                + " comma-separated columns, found "
                + cells.size());
      }
      Path at = file.toAbsolutePath().resolveSibling(cells.get(image));
      into.add(
          file + ": line " + (i + 1) + ": " + cells.get(image),
          () ->
              record(
                  at,
                  label < 0 ? Example.NO_LABEL : source.labels().of(cells.get(label)),
                  client < 0 ? "" : cells.get(client)));
    }
  }

  private static List<String> cells(String line) {
    return Arrays.stream(line.split(",", -1)).map(String::strip).toList();
  }

  private ImageRecord record(Path file, int label, String client) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("no such image file");
    }
    try {
      return source.record(ImageFile.decode(Files.readAllBytes(file)), label, client);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
