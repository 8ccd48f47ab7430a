package org.lorica.data;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;

/** Records of a label byte, two bytes of length (big endian) and an image file; gzip or not. */
final class RecordFile {
  private final ImageSource source;

  RecordFile(ImageSource source) {
    this.source = source;
  }

  void read(Path file, ImageSet.Builder into) throws IOException {
    try (DataInputStream in = new DataInputStream(ImageSource.open(file))) {
      int label = in.read();
      for (int i = 0; label >= 0; i++) {
        byte[] bytes = bytes(in, i);
        int number = label;
        into.add(
            file + ": record " + i,
            () -> source.record(ImageFile.decode(bytes), source.labels().of(number), ""));
        label = in.read();
      }
    }
  }

  private static byte[] bytes(DataInputStream in, int record) throws IOException {
    try {
      byte[] bytes = new byte[in.readUnsignedShort()];
      in.readFully(bytes);
      return bytes;
    } catch (EOFException e) {
      EOFException located =
          new EOFException(
              "record " + record + ": expected more data, found the end (is it truncated?)");
      located.initCause(e);
      throw located;
    }
  }
}
