package org.lorica.report.figure;

/** A picture, free of any drawing library. */
public sealed interface Figure permits Chart, HeatMap {
  Caption caption();

  /**
   * What stands around a picture.
   *
   * @param id file name and anchor
   * @param note a sentence below it; may be empty
   */
  record Caption(String id, String title, String note) {
    public Caption {
      if (!id.matches("[a-z][a-z0-9-]*")) {
        throw new IllegalArgumentException("id must be of a-z, 0-9 and '-', got " + id);
      }
    }
  }
}
