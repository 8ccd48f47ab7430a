package org.lorica.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * CIFAR's binary version: a label byte (CIFAR-10), or a coarse and a fine one (CIFAR-100, the fine
 * one is used), then 3 × 32 × 32 bytes. A folder stands for its data_batch_*.bin or train.bin when
 * training, its test_batch.bin or test.bin when testing.
 */
final class CifarFiles {
  private static final ImageShape SHAPE = new ImageShape(3, 32, 32);

  private final ImageSource source;

  CifarFiles(ImageSource source) {
    this.source = source;
  }

  void read(Path path, ImageSource.Part part, ImageSet.Builder into) throws IOException {
    if (!Files.isDirectory(path)) {
      file(path, into);
      return;
    }
    String pattern =
        part == ImageSource.Part.TRAIN
            ? "data_batch_\\d+\\.bin|train\\.bin"
            : "test(_batch)?\\.bin";
    try (Stream<Path> all = Files.list(path)) {
      List<Path> files =
          all.filter(f -> f.getFileName().toString().matches(pattern)).sorted().toList();
      if (files.isEmpty()) {
        throw new IllegalArgumentException(
            path + ": expected CIFAR files named " + pattern + ", found none");
      }
      for (Path file : files) {
        file(file, into);
      }
    }
  }

  private void file(Path file, ImageSet.Builder into) throws IOException {
    int labelBytes = labelBytes(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      byte[] record = new byte[labelBytes + SHAPE.size()];
      for (int i = 0; in.readNBytes(record, 0, record.length) == record.length; i++) {
        int label = record[labelBytes - 1] & 0xff;
        byte[] values = java.util.Arrays.copyOfRange(record, labelBytes, record.length);
        into.add(
            file + ": image " + i,
            () -> source.record(new Pixels(SHAPE, values), source.labels().of(label), ""));
      }
    }
  }

  private static int labelBytes(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + ": no such data file");
    }
    long size = Files.size(file);
    for (int bytes = 1; bytes <= 2; bytes++) {
      if (size % (bytes + SHAPE.size()) == 0) {
        return bytes;
      }
    }
    throw new EOFException(
        "expected whole CIFAR records of 3073 or 3074 bytes, found "
            + size
            + " bytes (is it truncated?)");
  }
}
