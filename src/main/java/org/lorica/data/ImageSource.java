package org.lorica.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Labelled images from files, as a model takes them. */
public final class ImageSource {

  /** How images are stored. */
  public enum Format {
    /**
     * Image files in a sub-folder for every class, or named by a {@code labels.csv} beside them.
     */
    FOLDER,
    /** Text, an image a line: pixel columns and a label column. */
    CSV,
    /** MNIST's binary files, one of images and one of labels. */
    IDX,
    /** CIFAR's binary files. */
    CIFAR,
    /** A label byte, two bytes of length, and an image file; many of them in one file. */
    RECORDS
  }

  /** Which part of a data set, where a folder holds both. */
  public enum Part {
    TRAIN,
    TEST
  }

  /** What to do with images of another number of channels than the model takes. */
  public enum Channels {
    /** They are bad records. */
    AS_STORED,
    /** Grey is repeated, alpha is dropped, colours become grey (ITU-R 601 weights). */
    CONVERT
  }

  /**
   * How to read.
   *
   * @param table of {@link Format#CSV} only
   */
  public record Settings(
      LabelMap labels,
      Channels channels,
      ImageSet.BadRecords badRecords,
      PixelTable.Layout table) {}

  private final Settings settings;
  private final Preprocessor preprocessor;

  /** A reader of images for one model. */
  public ImageSource(Settings settings, Preprocessor preprocessor) {
    this.settings = settings;
    this.preprocessor = preprocessor;
  }

  /** All images of a file or folder, in a fixed order. */
  public ImageSet read(Path path, Format format, Part part) {
    ImageSet.Builder into = new ImageSet.Builder(settings.badRecords());
    try {
      switch (format) {
        case FOLDER -> new ImageFolder(this).read(path, into);
        case CSV -> new PixelTable(this, settings.table()).read(path, into);
        case IDX -> new IdxFiles(this).read(path, into);
        case CIFAR -> new CifarFiles(this).read(path, part, into);
        case RECORDS -> new RecordFile(this).read(path, into);
      }
    } catch (EOFException e) {
      throw new IllegalArgumentException(path + ": " + endOf(e), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
    }
    return into.build(path);
  }

  private static String endOf(EOFException e) {
    return e.getMessage() == null
        ? "expected more data, found the end of the file (is it truncated?)"
        : e.getMessage();
  }

  LabelMap labels() {
    return settings.labels();
  }

  /** The model's image of decoded pixels. */
  ImageRecord record(Pixels pixels, int label, String client) {
    Pixels fitting =
        settings.channels() == Channels.CONVERT
            ? pixels.converted(preprocessor.shape().channels())
            : pixels;
    if (fitting.shape().channels() != preprocessor.shape().channels()) {
      throw new IllegalArgumentException(
          "the model takes images of "
              + preprocessor.shape().channels()
              + " channels, found "
              + fitting.shape().channels()
              + " (data.image-channels = convert would convert them)");
    }
    return new ImageRecord(preprocessor.image(fitting), label, client);
  }

  /** A file's bytes, unpacked if it is gzip, whatever its name. */
  static InputStream open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + ": no such data file");
    }
    BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      in.mark(2);
      int magic = in.read() | in.read() << 8;
      in.reset();
      return magic == GZIPInputStream.GZIP_MAGIC
          ? new BufferedInputStream(new GZIPInputStream(in, 1 << 16), 1 << 16)
          : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }
}
