package org.lorica.data;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;

/**
 * MNIST's format: a file of grey 8-bit images (magic 2051, then count, height, width) and, beside
 * it, the file of their labels (magic 2049, then count), whose name has labels-idx1 in place of
 * images-idx3. Either may be gzip.
 */
final class IdxFiles {
  private static final int IMAGES = 2051;
  private static final int LABELS = 2049;

  private final ImageSource source;

  IdxFiles(ImageSource source) {
    this.source = source;
  }

  void read(Path images, ImageSet.Builder into) throws IOException {
    String name = images.getFileName().toString();
    String labelsName =
        name.replace("images-idx3", "labels-idx1").replace("images.idx3", "labels.idx1");
    if (labelsName.equals(name)) {
      throw new IllegalArgumentException(
          images + ": expected a file name with images-idx3, whose labels stand beside it");
    }
    Path labels = images.resolveSibling(labelsName);
    try (DataInputStream pixels = new DataInputStream(ImageSource.open(images));
        DataInputStream classes = new DataInputStream(ImageSource.open(labels))) {
      int count = header(pixels, images, IMAGES);
      int height = pixels.readInt();
      int width = pixels.readInt();
      int labelled = header(classes, labels, LABELS);
      if (labelled != count) {
        throw new IllegalArgumentException(
            labels + ": expected " + count + " labels, one an image, found " + labelled);
      }
      ImageShape shape = new ImageShape(1, height, width);
      for (int i = 0; i < count; i++) {
        byte[] values = new byte[shape.size()];
        pixels.readFully(values);
        int label = classes.readUnsignedByte();
        into.add(
            images + ": image " + i,
            () -> source.record(new Pixels(shape, values), source.labels().of(label), ""));
      }
    }
  }

  private static int header(DataInputStream in, Path file, int magic) throws IOException {
    int found = in.readInt();
    if (found != magic) {
      throw new IllegalArgumentException(
          file + ": expected an IDX file that starts with " + magic + ", found " + found);
    }
    int count = in.readInt();
    if (count < 0) {
      throw new IllegalArgumentException(file + ": expected a count >= 0, found " + count);
    }
    return count;
  }
}
