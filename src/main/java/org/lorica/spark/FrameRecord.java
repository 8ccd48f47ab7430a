package org.lorica.spark;

import java.io.Serializable;
import java.util.Comparator;
import org.lorica.data.Labelled;

/**
 * A row of a table as a record.
 *
 * @param label class index
 * @param client the natural client's name, empty where there is none
 */
public record FrameRecord(FrameContent content, int label, String client)
    implements Labelled, Serializable {

  /** The order of records that makes clients independent of where their rows were. */
  static final class ByContent implements Comparator<FrameRecord>, Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public int compare(FrameRecord a, FrameRecord b) {
      int byContent = a.content().compareTo(b.content());
      return byContent != 0 ? byContent : Integer.compare(a.label(), b.label());
    }
  }
}
