package org.lorica.config;

import static org.lorica.config.Checks.atLeast;
import static org.lorica.config.Checks.check;
import static org.lorica.config.Checks.positive;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * How a data file's rows become records: lorica.data.{columns, labels, target, bad-records,
 * questions}.
 *
 * @param labels names of the classes in order; empty where labels are numbers
 */
public record RecordFormat(
    Columns columns,
    List<String> labels,
    TargetKind target,
    BadRecords badRecords,
    Questions questions) {

  /** What the label column holds: a class, or a number to be predicted. */
  public enum TargetKind {
    CLASS,
    VALUE
  }

  /** What is done with a record that cannot be used. */
  public enum BadRecords {
    FAIL,
    SKIP
  }

  public RecordFormat {
    labels = List.copyOf(labels);
    check(
        new HashSet<>(labels).size() == labels.size(),
        "lorica.data.labels",
        "a list without repetitions",
        labels);
  }

  /** The usual column names, numbered classes, no bad records. */
  public static RecordFormat usual(TargetKind target) {
    return new RecordFormat(
        Columns.USUAL, List.of(), target, BadRecords.FAIL, new Questions(128, 30, 0));
  }

  /**
   * lorica.data.columns.{text, text2, response, label, client}; empty = the usual name, and no
   * second text or response.
   */
  public record Columns(
      Optional<String> text,
      Optional<String> text2,
      Optional<String> response,
      Optional<String> label,
      Optional<String> client) {
    /** All as usual. */
    public static final Columns USUAL =
        new Columns(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    public Columns {
      check(
          text2.isEmpty() || response.isEmpty(),
          "lorica.data.columns.response",
          "null when lorica.data.columns.text2 is set",
          response.orElse(""));
    }
  }

  /** lorica.data.questions.{stride (tokens), max-answer (tokens), no-answer-threshold}. */
  public record Questions(int stride, int maxAnswer, double noAnswerThreshold)
      implements Serializable {
    public Questions {
      atLeast(0, "lorica.data.questions.stride", stride);
      positive("lorica.data.questions.max-answer", maxAnswer);
      check(
          Double.isFinite(noAnswerThreshold),
          "lorica.data.questions.no-answer-threshold",
          "finite",
          noAnswerThreshold);
    }
  }
}
