package org.lorica.data;

import java.util.List;

/**
 * From labels as files have them to class indices.
 *
 * @param names class names in the order of their indices; empty where labels are numbers
 */
public record LabelMap(List<String> names) {
  public LabelMap {
    names = List.copyOf(names);
    if (names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException("data.labels must not name a class twice, got " + names);
    }
  }

  /** The class of a label's text: its place among the names, or the number itself. */
  public int of(String text) {
    if (!names.isEmpty()) {
      int index = names.indexOf(text);
      if (index < 0) {
        throw new IllegalArgumentException(
            "a label must be one of data.labels = " + names + ", found \"" + text + "\"");
      }
      return index;
    }
    try {
      int label = Integer.parseInt(text);
      if (label >= 0) {
        return label;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "a label must be a whole number >= 0 (or a name in data.labels), found \"" + text + "\"");
  }

  /** A label that is a number in its file: names, where given, must cover it. */
  public int of(int number) {
    if (!names.isEmpty() && number >= names.size()) {
      throw new IllegalArgumentException(
          "a label must be 0 to "
              + (names.size() - 1)
              + ", the places in data.labels, found "
              + number);
    }
    return number;
  }
}
