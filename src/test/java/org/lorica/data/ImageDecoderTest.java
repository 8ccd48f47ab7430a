package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageDecoderTest {
  private static final ImageShape MODEL = new ImageShape(3, 6, 6);

  @TempDir private Path dir;

  private Preprocessor preprocessor() throws IOException {
    Files.writeString(
        dir.resolve(Preprocessor.FILE),
        """
        {"size": {"height": 6, "width": 6}, "image_mean": [0.5, 0.4, 0.3],
         "image_std": [0.25, 0.3, 0.35]}""");
    return Preprocessor.open(dir, MODEL);
  }

  private static BufferedImage image(int type) {
    BufferedImage image = new BufferedImage(9, 7, type);
    SplittableRandom random = new SplittableRandom(3);
    for (int p = 0; p < 63; p++) {
      image.setRGB(p % 9, p / 9, random.nextInt());
    }
    return image;
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static byte[] blueGreenRed(BufferedImage image) {
    byte[] bytes = new byte[3 * 63];
    for (int p = 0; p < 63; p++) {
      int rgb = image.getRGB(p % 9, p / 9);
      for (int c = 0; c < 3; c++) {
        bytes[3 * p + c] = (byte) (rgb >>> (8 * c));
      }
    }
    return bytes;
  }

  private static float[] values(Image image) {
    float[] values = new float[image.shape().size()];
    image.copyTo(values, 0);
    return values;
  }

  /** The plain twin: the same picture read as a file of an image folder. */
  @Test
  void aFileAndItsPixelsBecomeWhatTheImageFolderReads() throws IOException {
    BufferedImage image = image(BufferedImage.TYPE_INT_RGB);
    Path folder = Files.createDirectories(dir.resolve("images"));
    Files.write(folder.resolve("0.png"), png(image));
    Files.writeString(folder.resolve("labels.csv"), "image,label\n0.png,0\n");
    ImageSource source =
        new ImageSource(
            new ImageSource.Settings(
                new LabelMap(List.of()),
                ImageSource.Channels.AS_STORED,
                ImageSet.BadRecords.FAIL,
                new PixelTable.Layout(PixelTable.LabelColumn.LAST, 255)),
            preprocessor());
    float[] expected =
        values(
            source
                .read(folder, ImageSource.Format.FOLDER, ImageSource.Part.TRAIN)
                .records()
                .get(0)
                .image());
    ImageDecoder decoder = new ImageDecoder(preprocessor());
    assertThat(values(decoder.decode(StoredImage.ofFile(png(image))))).isEqualTo(expected);
    StoredImage pixels = StoredImage.ofBlueGreenRed(new ImageShape(3, 7, 9), blueGreenRed(image));
    assertThat(values(decoder.decode(pixels))).isEqualTo(expected);
  }

  @Test
  void greyIsRepeatedAndAlphaIsDropped() throws IOException {
    ImageDecoder decoder = new ImageDecoder(preprocessor());
    StoredImage grey = StoredImage.ofFile(png(image(BufferedImage.TYPE_BYTE_GRAY)));
    assertThat(decoder.decode(grey).shape()).isEqualTo(MODEL);
    BufferedImage colours = image(BufferedImage.TYPE_INT_ARGB);
    byte[] file = png(colours);
    byte[] withAlpha = new byte[4 * 63];
    byte[] without = blueGreenRed(colours);
    for (int i = 0; i < 4 * 63; i++) {
      withAlpha[i] = i % 4 == 3 ? 77 : without[3 * (i / 4) + i % 4];
    }
    StoredImage pixels = StoredImage.ofBlueGreenRed(new ImageShape(4, 7, 9), withAlpha);
    assertThat(values(decoder.decode(pixels)))
        .isEqualTo(values(decoder.decode(StoredImage.ofFile(file))));
  }

  @Test
  void imagesAreOrderedByTheirBytes() {
    ImageShape wide = new ImageShape(1, 1, 2);
    StoredImage a = StoredImage.ofBlueGreenRed(wide, new byte[] {1, 2});
    StoredImage b = StoredImage.ofBlueGreenRed(wide, new byte[] {1, 3});
    assertThat(a).isLessThan(b).isEqualTo(StoredImage.ofBlueGreenRed(wide, new byte[] {1, 2}));
    assertThat(a)
        .isNotEqualTo(StoredImage.ofBlueGreenRed(new ImageShape(1, 2, 1), new byte[] {1, 2}));
  }

  @Test
  void whatIsNoImageIsSaidToBeNone() throws IOException {
    ImageDecoder decoder = new ImageDecoder(preprocessor());
    assertThatThrownBy(() -> decoder.decode(StoredImage.ofFile(new byte[] {1, 2, 3})))
        .hasMessage("expected a JPEG, PNG, GIF or BMP image, found 3 bytes of none");
    assertThatThrownBy(() -> StoredImage.ofBlueGreenRed(MODEL, new byte[5]))
        .hasMessage("pixels of 3 x 6 x 6 must be 108 bytes, got 5");
  }
}
