package org.lorica.data;

import java.io.Serializable;

/**
 * From a stored image to what a model reads: resize, centre crop, normalise, in that order, as
 * Hugging Face's image processors do.
 *
 * @param resize how to resize
 * @param crop side lengths of the centre crop, filled up with black; height and width 0 for none
 */
record ImageTransform(Resize resize, Crop crop, Normalisation normalisation)
    implements Serializable {

  /** What a size means. */
  enum Fit {
    NONE,
    /** Both sides as given, whatever the image's proportions. */
    EXACT,
    /** The shorter side becomes {@code height}; proportions are kept. */
    SHORTEST_EDGE
  }

  /** Target size in pixels. */
  record Resize(Fit fit, int height, int width, Resampling filter) implements Serializable {}

  /** Size in pixels of a centre crop. */
  record Crop(int height, int width) implements Serializable {
    static final Crop NONE = new Crop(0, 0);

    boolean cuts() {
      return height > 0;
    }
  }

  /** This transform for square images of another size: the crop's share of the image is kept. */
  ImageTransform to(int side) {
    if (!crop.cuts()) {
      return new ImageTransform(
          new Resize(Fit.EXACT, side, side, resize.filter()), crop, normalisation);
    }
    int height = Math.round((float) resize.height() * side / crop.height());
    int width = Math.round((float) resize.width() * side / crop.width());
    Resize scaled =
        resize.fit() == Fit.NONE
            ? resize
            : new Resize(resize.fit(), height, width, resize.filter());
    return new ImageTransform(scaled, new Crop(side, side), normalisation);
  }

  /** Shape of the result for a stored image of this shape. */
  ImageShape shape(ImageShape stored) {
    ImageShape sized = sized(stored);
    return crop.cuts() ? new ImageShape(stored.channels(), crop.height(), crop.width()) : sized;
  }

  private ImageShape sized(ImageShape stored) {
    return switch (resize.fit()) {
      case NONE -> stored;
      case EXACT -> new ImageShape(stored.channels(), resize.height(), resize.width());
      case SHORTEST_EDGE -> {
        long edge = resize.height();
        yield stored.height() <= stored.width()
            ? new ImageShape(
                stored.channels(), (int) edge, (int) (edge * stored.width() / stored.height()))
            : new ImageShape(
                stored.channels(), (int) (edge * stored.height() / stored.width()), (int) edge);
      }
    };
  }

  Pixels resized(Pixels stored) {
    ImageShape sized = sized(stored.shape());
    Pixels pixels = resize.filter().resize(stored, sized.height(), sized.width());
    if (!crop.cuts()) {
      return pixels;
    }
    return pixels.crop(
        Math.floorDiv(sized.height() - crop.height(), 2),
        Math.floorDiv(sized.width() - crop.width(), 2),
        crop.height(),
        crop.width());
  }
}
