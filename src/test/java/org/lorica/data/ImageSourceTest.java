package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageSourceTest {
  private static final Path SHARED = Path.of("../shared/data");

  @TempDir Path folder;

  /** Pixels as stored, 0 to 255. */
  @BeforeEach
  void preprocessorThatChangesNothing() throws IOException {
    Files.writeString(
        folder.resolve(Preprocessor.FILE),
        "{\"do_resize\": false, \"do_rescale\": false, \"do_normalize\": false}");
  }

  private ImageSource source(
      ImageShape shape, ImageSet.BadRecords badRecords, List<String> labels) {
    return new ImageSource(
        new ImageSource.Settings(
            new LabelMap(labels),
            ImageSource.Channels.AS_STORED,
            badRecords,
            new PixelTable.Layout(PixelTable.LabelColumn.LAST, 16)),
        Preprocessor.open(folder, shape));
  }

  private ImageSource strict(ImageShape shape) {
    return source(shape, ImageSet.BadRecords.FAIL, List.of());
  }

  private static float[] values(ImageRecord record) {
    float[] values = new float[record.image().shape().size()];
    record.image().copyTo(values, 0);
    return values;
  }

  private static byte[] encoded(String format, int type, int side) {
    BufferedImage image = new BufferedImage(side, side, type);
    for (int i = 0; i < side; i++) {
      for (int j = 0; j < side; j++) {
        image.setRGB(j, i, 0xff000000 | (40 * i) << 16 | (30 * j) << 8 | (10 * (i + j)));
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] png(int side) {
    return encoded("png", BufferedImage.TYPE_INT_RGB, side);
  }

  private static byte[] jpeg(int side) {
    return encoded("jpg", BufferedImage.TYPE_INT_RGB, side);
  }

  @Test
  void subFoldersAreClassesInOrderOfTheirNames() throws IOException {
    for (String name : List.of("dog", "cat")) {
      Files.createDirectories(folder.resolve("data").resolve(name));
      Files.write(folder.resolve("data").resolve(name).resolve("a.png"), png(3));
    }
    Files.writeString(folder.resolve("data/cat/notes.txt"), "no image");
    List<String> classes = ImageFolder.classes(folder.resolve("data"));
    assertThat(classes).containsExactly("cat", "dog");
    ImageSet set =
        source(new ImageShape(3, 3, 3), ImageSet.BadRecords.FAIL, classes)
            .read(folder.resolve("data"), ImageSource.Format.FOLDER, ImageSource.Part.TRAIN);
    assertThat(set.records()).extracting(ImageRecord::label).containsExactly(0, 1);
    // red of row 1, green of column 2, blue of both
    float[] values = values(set.records().get(0));
    assertThat(values[5]).isEqualTo(40);
    assertThat(values[9 + 5]).isEqualTo(60);
    assertThat(values[18 + 5]).isEqualTo(30);
  }

  @Test
  void aListNamesImagesBesideItWithLabelsAndClients() throws IOException {
    Files.createDirectories(folder.resolve("img"));
    Files.write(folder.resolve("img/a.png"), png(2));
    Files.writeString(
        folder.resolve(ImageFolder.LIST), "label,image,client\ntruck,img/a.png,anna\n");
    ImageSet set =
        source(new ImageShape(3, 2, 2), ImageSet.BadRecords.FAIL, List.of("ship", "truck"))
            .read(folder, ImageSource.Format.FOLDER, ImageSource.Part.TEST);
    assertThat(set.records().get(0).label()).isEqualTo(1);
    assertThat(set.records().get(0).client()).isEqualTo("anna");
    assertThat(set.note("training")).isEmpty();
  }

  @Test
  void badRecordsEndTheRunOrAreCounted() throws IOException {
    byte[] whole = jpeg(24);
    Files.write(folder.resolve("good.jpg"), whole);
    Files.write(folder.resolve("cut.jpg"), Arrays.copyOf(whole, whole.length - 60));
    Files.write(folder.resolve("grey.png"), encoded("png", BufferedImage.TYPE_BYTE_GRAY, 24));
    Files.write(folder.resolve("small.png"), png(5));
    Files.writeString(folder.resolve("text.jpg"), "no image at all");
    String list =
        "image,label\ngood.jpg,0\ncut.jpg,0\ngrey.png,0\nsmall.png,0\ntext.jpg,0\nnone.jpg,0\ngood.jpg,cow\n";
    Files.writeString(folder.resolve(ImageFolder.LIST), list);
    ImageShape shape = new ImageShape(3, 24, 24);
    ImageSet set =
        source(shape, ImageSet.BadRecords.SKIP, List.of())
            .read(folder, ImageSource.Format.FOLDER, ImageSource.Part.TRAIN);
    assertThat(set.records()).hasSize(1);
    assertThat(set.skipped()).isEqualTo(6);
    assertThat(set.note("training").orElseThrow())
        .contains("6 of 7", "line 3", "cut.jpg", "damaged");
    String[][] complaints = {
      {"cut.jpg,0", "damaged"},
      {"grey.png,0", "3 channels, found 1"},
      {"small.png,0", "3 x 24 x 24, found 3 x 5 x 5"},
      {"text.jpg,0", "expected a JPEG"},
      {"none.jpg,0", "no such image file"},
      {"good.jpg,cow", "found \"cow\""}
    };
    for (String[] complaint : complaints) {
      Files.writeString(folder.resolve(ImageFolder.LIST), "image,label\n" + complaint[0] + "\n");
      assertThatThrownBy(
              () -> strict(shape).read(folder, ImageSource.Format.FOLDER, ImageSource.Part.TRAIN))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(ImageFolder.LIST, "line 2", complaint[1]);
    }
    assertThatThrownBy(
            () ->
                source(shape, ImageSet.BadRecords.SKIP, List.of())
                    .read(folder, ImageSource.Format.FOLDER, ImageSource.Part.TRAIN))
        .hasMessageContaining("none that can be read");
  }

  @Test
  void channelsAreConvertedIfAsked() {
    byte[] rgba = {10, 20, 30, 40};
    Pixels colour = new Pixels(new ImageShape(4, 1, 1), rgba);
    assertThat(colour.converted(3).bytes()).containsExactly(10, 20, 30);
    assertThat(colour.converted(1).bytes()).containsExactly(18); // 0.299·10 + 0.587·20 + 0.114·30
    Pixels grey = new Pixels(new ImageShape(1, 1, 2), new byte[] {5, 6});
    assertThat(grey.converted(3).bytes()).containsExactly(5, 6, 5, 6, 5, 6);
    assertThat(grey.converted(1)).isSameAs(grey);
  }

  @Test
  void deeperSamplesAndPalettesBecomeEightBits() {
    byte[] deep = encoded("png", BufferedImage.TYPE_USHORT_GRAY, 4);
    assertThat(ImageFile.decode(deep).shape().channels()).isEqualTo(1);
    Pixels palette = ImageFile.decode(encoded("gif", BufferedImage.TYPE_INT_RGB, 3));
    assertThat(palette.shape()).isEqualTo(new ImageShape(3, 3, 3));
    assertThat(ImageFile.decode(encoded("png", BufferedImage.TYPE_INT_ARGB, 3)).shape().channels())
        .isEqualTo(4);
  }

  @Test
  void pixelTablesAreScaledToEightBits() throws IOException {
    Path file = folder.resolve("digits.csv");
    Files.writeString(file, "p1,p2,p3,p4,label\n0,16,8,1,7\n");
    ImageSet set =
        strict(new ImageShape(1, 2, 2)).read(file, ImageSource.Format.CSV, ImageSource.Part.TRAIN);
    assertThat(set.records().get(0).label()).isEqualTo(7);
    assertThat(values(set.records().get(0))).containsExactly(0, 255, 128, 16);
    for (String bad : List.of("0,17,8,1,7", "0,x,8,1,7", "0,1,8,1,-7")) {
      Files.writeString(file, bad + "\n");
      assertThatThrownBy(
              () ->
                  strict(new ImageShape(1, 2, 2))
                      .read(file, ImageSource.Format.CSV, ImageSource.Part.TRAIN))
          .hasMessageContaining("line 1");
    }
  }

  @ParameterizedTest(name = "gzip={0}")
  @ValueSource(booleans = {true, false})
  void mnistFilesAreReadWithTheirLabels(boolean gzip) throws IOException {
    Path images = folder.resolve("t10k-images-idx3-ubyte" + (gzip ? ".gz" : ""));
    Path labels = folder.resolve("t10k-labels-idx1-ubyte" + (gzip ? ".gz" : ""));
    write(images, gzip, new int[] {2051, 2, 1, 2}, new byte[] {1, 2, (byte) 250, 4});
    write(labels, gzip, new int[] {2049, 2}, new byte[] {9, 3});
    ImageSource source = strict(new ImageShape(1, 1, 2));
    ImageSet set = source.read(images, ImageSource.Format.IDX, ImageSource.Part.TEST);
    assertThat(set.records()).extracting(ImageRecord::label).containsExactly(9, 3);
    assertThat(values(set.records().get(1))).containsExactly(250, 4);
    write(images, gzip, new int[] {2051, 2, 1, 2}, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> source.read(images, ImageSource.Format.IDX, ImageSource.Part.TEST))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("truncated");
    write(labels, gzip, new int[] {2049, 3}, new byte[] {9, 3, 1});
    assertThatThrownBy(() -> source.read(images, ImageSource.Format.IDX, ImageSource.Part.TEST))
        .hasMessageContaining("expected 2 labels");
    write(images, gzip, new int[] {2049, 2, 1, 2}, new byte[4]);
    assertThatThrownBy(() -> source.read(images, ImageSource.Format.IDX, ImageSource.Part.TEST))
        .hasMessageContaining("starts with 2051");
  }

  private static void write(Path file, boolean gzip, int[] header, byte[] data) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(
            gzip
                ? new GZIPOutputStream(Files.newOutputStream(file))
                : Files.newOutputStream(file))) {
      for (int number : header) {
        out.writeInt(number);
      }
      out.write(data);
    }
  }

  @Test
  void cifarFoldersAreReadByPart() throws IOException {
    byte[] record = new byte[3073];
    record[0] = 6;
    record[1] = 11;
    Files.write(folder.resolve("data_batch_1.bin"), record);
    byte[] fine = new byte[3074];
    fine[1] = 99;
    Files.write(folder.resolve("test_batch.bin"), fine);
    ImageSource source = strict(new ImageShape(3, 32, 32));
    ImageSet train = source.read(folder, ImageSource.Format.CIFAR, ImageSource.Part.TRAIN);
    ImageSet test = source.read(folder, ImageSource.Format.CIFAR, ImageSource.Part.TEST);
    assertThat(train.records().get(0).label()).isEqualTo(6);
    assertThat(values(train.records().get(0))[0]).isEqualTo(11);
    assertThat(test.records().get(0).label()).isEqualTo(99);
    Files.write(folder.resolve("test_batch.bin"), new byte[3000]);
    assertThatThrownBy(() -> source.read(folder, ImageSource.Format.CIFAR, ImageSource.Part.TEST))
        .hasMessageContaining("3000 bytes");
  }

  @Test
  void recordFilesHoldLabelLengthAndImage() throws IOException {
    byte[] png = png(4);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(new GZIPOutputStream(bytes));
    for (int label : new int[] {3, 0}) {
      out.writeByte(label);
      out.writeShort(png.length);
      out.write(png);
    }
    out.writeByte(1);
    out.close();
    Path file = folder.resolve("a.rec.gz");
    Files.write(file, bytes.toByteArray());
    ImageSource source = strict(new ImageShape(3, 4, 4));
    assertThatThrownBy(() -> source.read(file, ImageSource.Format.RECORDS, ImageSource.Part.TRAIN))
        .hasMessageContainingAll("a.rec.gz", "record 2", "truncated");
    byte[] unpacked = new java.util.zip.GZIPInputStream(Files.newInputStream(file)).readAllBytes();
    Files.write(file, Arrays.copyOf(unpacked, unpacked.length - 1));
    ImageSet set = source.read(file, ImageSource.Format.RECORDS, ImageSource.Part.TRAIN);
    assertThat(set.records()).extracting(ImageRecord::label).containsExactly(3, 0);
  }

  /** Row sums of the file's first line: 64 pixels of 0 to 16, then the digit 0. */
  @Test
  void handWrittenDigitsAreRead() {
    Path file = SHARED.resolve("optdigits/optdigits.tes");
    assumeTrue(Files.exists(file), () -> "no data at " + file);
    ImageSet set =
        strict(new ImageShape(1, 8, 8)).read(file, ImageSource.Format.CSV, ImageSource.Part.TEST);
    assertThat(set.records()).hasSize(1797);
    assertThat(set.records()).extracting(ImageRecord::label).contains(0, 1, 2, 9);
  }

  @Test
  void photographsInARecordFileAreReadBalanced() {
    Path file = SHARED.resolve("cifar10-jpeg/cifar10_test.rec.gz");
    assumeTrue(Files.exists(file), () -> "no data at " + file);
    ImageSet set =
        strict(new ImageShape(3, 32, 32))
            .read(file, ImageSource.Format.RECORDS, ImageSource.Part.TEST);
    assertThat(set.records()).hasSize(10_000);
    assertThat(set.records().subList(0, 20))
        .extracting(ImageRecord::label)
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    float[] values = values(set.records().get(0));
    double mean = 0;
    for (float value : values) {
      mean += value / values.length;
    }
    assertThat(mean).isCloseTo(128, within(110.0));
  }
}
