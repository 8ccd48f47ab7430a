package org.lorica.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes JPEG, PNG, GIF and BMP by the JDK. Grey images have one channel, colours three, an alpha
 * channel adds one; palettes become colours; deeper samples are scaled to 8 bits.
 */
final class ImageFile {
  static {
    ImageIO.setUseCache(false);
  }

  private ImageFile() {}

  /**
   * Decodes a whole file.
   *
   * @throws IllegalArgumentException if it is no image, or damaged; a truncated JPEG is not filled
   *     up with grey
   */
  static Pixels decode(byte[] file) {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IllegalArgumentException(
            "expected a JPEG, PNG, GIF or BMP image, found " + file.length + " bytes of none");
      }
      ImageReader reader = readers.next();
      try {
        Damage damage = new Damage();
        reader.addIIOReadWarningListener(damage);
        reader.setInput(in, /* seekForwardOnly= */ true, /* ignoreMetadata= */ true);
        BufferedImage image = reader.read(0);
        if (damage.message != null) {
          throw new IllegalArgumentException("a damaged image: " + damage.message);
        }
        return pixels(image);
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      if (e instanceof IllegalArgumentException known) {
        throw known;
      }
      throw new IllegalArgumentException("an image that cannot be decoded: " + e.getMessage(), e);
    }
  }

  /** The JPEG decoder warns of missing data and goes on. */
  private static final class Damage implements IIOReadWarningListener {
    private String message;

    @Override
    public void warningOccurred(ImageReader source, String warning) {
      if (warning != null && warning.matches("(?i).*(premature|corrupt|truncated|bogus).*")) {
        message = warning;
      }
    }
  }

  private static Pixels pixels(BufferedImage image) {
    return image.getColorModel() instanceof IndexColorModel
        ? palette(image)
        : samples(image.getRaster());
  }

  private static Pixels palette(BufferedImage image) {
    int channels = image.getColorModel().hasAlpha() ? 4 : 3;
    int plane = image.getHeight() * image.getWidth();
    byte[] values = new byte[channels * plane];
    int[] shifts = {16, 8, 0, 24};
    for (int i = 0; i < plane; i++) {
      int argb = image.getRGB(i % image.getWidth(), i / image.getWidth());
      for (int c = 0; c < channels; c++) {
        values[c * plane + i] = (byte) (argb >>> shifts[c]);
      }
    }
    return new Pixels(new ImageShape(channels, image.getHeight(), image.getWidth()), values);
  }

  private static Pixels samples(Raster raster) {
    int channels = raster.getNumBands();
    int plane = raster.getHeight() * raster.getWidth();
    byte[] values = new byte[channels * plane];
    int[] band = new int[plane];
    for (int c = 0; c < channels; c++) {
      raster.getSamples(
          raster.getMinX(), raster.getMinY(), raster.getWidth(), raster.getHeight(), c, band);
      int bits = raster.getSampleModel().getSampleSize(c);
      long greatest = (1L << bits) - 1;
      for (int i = 0; i < plane; i++) {
        values[c * plane + i] =
            (byte) (bits == 8 ? band[i] : (band[i] * 255L + greatest / 2) / greatest);
      }
    }
    return new Pixels(new ImageShape(channels, raster.getHeight(), raster.getWidth()), values);
  }
}
