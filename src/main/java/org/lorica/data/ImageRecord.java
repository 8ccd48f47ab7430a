package org.lorica.data;

/**
 * One labelled image.
 *
 * @param label class index, or {@link Example#NO_LABEL}
 * @param client the natural client's name, empty where there is none
 */
public record ImageRecord(Image image, int label, String client) implements Labelled {

  /** What a model trains on. */
  public Example example() {
    return new Example(image, label);
  }
}
