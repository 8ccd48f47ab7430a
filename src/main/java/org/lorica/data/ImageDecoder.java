package org.lorica.data;

import java.util.List;

/**
 * Stored images, one by one, as a model takes them. Numbers of channels are converted ({@link
 * ImageSource.Channels#CONVERT}).
 */
public final class ImageDecoder {
  private final ImageSource source;

  /** A decoder for one model. */
  public ImageDecoder(Preprocessor preprocessor) {
    ImageSource.Settings settings =
        new ImageSource.Settings(
            new LabelMap(List.of()),
            ImageSource.Channels.CONVERT,
            ImageSet.BadRecords.FAIL,
            new PixelTable.Layout(PixelTable.LabelColumn.LAST, 255));
    this.source = new ImageSource(settings, preprocessor);
  }

  /**
   * The model's image.
   *
   * @throws IllegalArgumentException if it cannot be decoded, or has not the model's shape after
   *     preprocessing
   */
  public Image decode(StoredImage stored) {
    return source.record(stored.pixels(), Example.NO_LABEL, "").image();
  }
}
