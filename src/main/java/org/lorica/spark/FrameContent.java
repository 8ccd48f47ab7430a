package org.lorica.spark;

import java.io.Serializable;
import org.lorica.data.StoredImage;

/** What a row of a table gives a model to read, before it is tokenised or decoded. */
public sealed interface FrameContent extends Serializable, Comparable<FrameContent> {

  /** A text. */
  record Text(String text) implements FrameContent {}

  /** An image. */
  record Picture(StoredImage image) implements FrameContent {}

  /** By what is in it; texts before images. */
  @Override
  default int compareTo(FrameContent other) {
    if (this instanceof Text a && other instanceof Text b) {
      return a.text().compareTo(b.text());
    }
    if (this instanceof Picture a && other instanceof Picture b) {
      return a.image().compareTo(b.image());
    }
    return this instanceof Text ? -1 : 1;
  }
}
