package org.lorica.config;

import static org.lorica.config.Checks.atLeast;
import static org.lorica.config.Checks.check;

import java.util.List;
import java.util.Optional;

/**
 * lorica.data.{source, train, test, test-fraction, max-test-examples, languages} and, in {@code
 * format} and {@code images}, how rows become records.
 */
public record DataConfig(
    Source source,
    String train,
    Optional<String> test,
    double testFraction,
    int maxTestExamples,
    List<String> languages,
    RecordFormat format,
    ImageFormat images) {
  public enum Source {
    JDK_LOCALE_NAMES,
    TSV,
    CSV,
    JSONL,
    PARQUET,
    SQUAD,
    ROLES,
    IMAGE_FOLDER,
    IMAGE_CSV,
    IDX,
    CIFAR,
    IMAGE_RECORDS;

    /** Whether records are images. */
    public boolean images() {
      return compareTo(IMAGE_FOLDER) >= 0;
    }
  }

  public DataConfig {
    if (source != Source.JDK_LOCALE_NAMES && train.isBlank()) {
      throw new IllegalArgumentException(
          "lorica.data.train must be set when lorica.data.source = "
              + Section.spelled(source)
              + ", for example --set data.train=FILE");
    }
    if (source == Source.JDK_LOCALE_NAMES) {
      readNowhere("train", train);
      readNowhere("test", test.orElse(""));
    }
    check(
        testFraction >= 0 && testFraction < 1,
        "lorica.data.test-fraction",
        "in [0, 1)",
        testFraction);
    atLeast(0, "lorica.data.max-test-examples", maxTestExamples);
    languages = List.copyOf(languages);
  }

  /** A file that would be passed over in silence: the names of the JDK are in none. */
  private static void readNowhere(String key, String file) {
    if (!file.isBlank()) {
      throw new IllegalArgumentException(
          "lorica.data."
              + key
              + " must be null when lorica.data.source = jdk-locale-names (say how to read the file,"
              + " for example --set data.source=tsv), got "
              + file);
    }
  }
}
