package org.lorica.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The images of a source, and how many records were left out.
 *
 * @param firstComplaint what was wrong with the first one left out
 */
public record ImageSet(List<ImageRecord> records, int skipped, Optional<String> firstComplaint) {

  /** What to do with a record that cannot be read. */
  public enum BadRecords {
    /** The run ends with a message that names it. */
    FAIL,
    /** It is left out and counted. */
    SKIP
  }

  public ImageSet {
    records = List.copyOf(records);
  }

  /** A line for a run's summary; empty if nothing was left out. */
  public Optional<String> note(String part) {
    return firstComplaint.map(
        first ->
            "Left out of the "
                + part
                + " images: "
                + skipped
                + " of "
                + (records.size() + skipped)
                + " records; the first: "
                + first);
  }

  /** Collects records one by one. */
  static final class Builder {
    private final BadRecords policy;
    private final List<ImageRecord> records = new ArrayList<>();
    private int skipped = 0;
    private String first;

    Builder(BadRecords policy) {
      this.policy = policy;
    }

    /** Reads one record; an IllegalArgumentException says that it is bad. */
    interface RecordReader {
      ImageRecord read();
    }

    /**
     * Adds a record, or deals with it as the policy says.
     *
     * @param where names the record in messages
     */
    void add(String where, RecordReader reader) {
      try {
        records.add(reader.read());
      } catch (IllegalArgumentException e) {
        String complaint = where + ": " + e.getMessage();
        if (policy == BadRecords.FAIL) {
          throw new IllegalArgumentException(complaint, e);
        }
        skipped++;
        first = first == null ? complaint : first;
      }
    }

    ImageSet build(Object source) {
      if (records.isEmpty()) {
        throw new IllegalArgumentException(
            source
                + ": expected at least one image, found "
                + (first == null ? "none" : "none that can be read; the first: " + first));
      }
      return new ImageSet(records, skipped, Optional.ofNullable(first));
    }
  }
}
