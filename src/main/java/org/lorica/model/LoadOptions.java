package org.lorica.model;

import java.util.Optional;

/**
 * How to load a model other than as its folder says.
 *
 * @param imageSize height and width of square images, in pixels, > 0: position embeddings are
 *     interpolated to it; empty for the size in config.json
 * @param head a head that is not the checkpoint's; empty for the checkpoint's
 * @param task of an encoder of text; empty for the one that the checkpoint's head is for
 * @param family what must be at the path
 */
public record LoadOptions(
    Optional<Integer> imageSize,
    Optional<FreshHead> head,
    Optional<Model.Task> task,
    Family family) {
  /** Formats of models. */
  public enum Family {
    /** As the files at the path tell. */
    AUTO,
    /** A folder in Hugging Face's layout. */
    TRANSFORMERS,
    /** A zip of DL4J's ModelSerializer, whatever its name, or a folder with model.zip. */
    DL4J
  }

  /** As the folder says. */
  public static final LoadOptions AS_STORED = new LoadOptions(Optional.empty(), Optional.empty());

  /** For the checkpoint's own task. */
  public LoadOptions(Optional<Integer> imageSize, Optional<FreshHead> head) {
    this(imageSize, head, Optional.empty(), Family.AUTO);
  }

  public LoadOptions {
    imageSize.ifPresent(
        side -> {
          if (side <= 0) {
            throw new IllegalArgumentException("imageSize must be > 0 pixels, got " + side);
          }
        });
  }

  /** A fresh head, all else as stored. */
  public LoadOptions with(FreshHead fresh) {
    return new LoadOptions(imageSize, Optional.of(fresh), task, family);
  }

  /** Another task, all else as stored. */
  public LoadOptions with(Model.Task wanted) {
    return new LoadOptions(imageSize, head, Optional.of(wanted), family);
  }

  /** Images of another size, all else as stored. */
  public LoadOptions withImageSize(Optional<Integer> pixels) {
    return new LoadOptions(pixels, head, task, family);
  }

  /** A format that must be found, all else as stored. */
  public LoadOptions with(Family required) {
    return new LoadOptions(imageSize, head, task, required);
  }
}
