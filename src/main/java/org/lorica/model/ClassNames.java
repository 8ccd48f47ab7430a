package org.lorica.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The names that a checkpoint's config.json gives to the classes of its head ({@code id2label}).
 */
public final class ClassNames {
  private ClassNames() {}

  /**
   * Refuses labels that are the checkpoint's classes in another order: its head would answer one
   * class for another. Labels of other names than its own say nothing, nor does a checkpoint
   * without names.
   *
   * @param folder the model's folder, whose own head is used
   * @param labels names in the order of the data's classes; empty for numbers
   * @param key of the labels, for the message
   */
  public static void requireOrder(Path folder, List<String> labels, String key) {
    if (labels.isEmpty() || !Files.isRegularFile(folder.resolve("config.json"))) {
      return;
    }
    List<String> names = HuggingFaceConfig.read(folder).classNames();
    List<String> own = lowerCase(names);
    List<String> given = lowerCase(labels);
    if (!given.equals(own)
        && given.stream().sorted().toList().equals(own.stream().sorted().toList())) {
      throw new IllegalArgumentException(
          key
              + " must be in the order of id2label in "
              + folder.resolve("config.json")
              + ", "
              + names
              + ", got "
              + labels);
    }
  }

  private static List<String> lowerCase(List<String> names) {
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }
}
