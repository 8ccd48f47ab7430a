package org.lorica.federation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.data.LocaleNames;
import org.lorica.data.TextRecord;
import org.lorica.data.TextSource;
import org.lorica.data.TextTokenizer;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/**
 * Texts read, split and tokenised as the configuration says, before they are dealt out to clients.
 * Kept in this JVM for runs that differ in other settings only.
 *
 * @param records what clients may hold
 * @param train the same, tokenised, in the same order
 * @param test held-out examples
 * @param labels names of the classes in label order; empty where there are none
 */
record RecordPool(
    List<TextRecord> records, List<Example> train, List<Example> test, List<String> labels) {
  private static final LastUsed<Source, RecordPool> SHARED = new LastUsed<>(2);

  /** All settings that a pool depends on. */
  private record Source(RunConfig.DataConfig data, String tokenizer, int maxLength, long seed) {}

  static RecordPool of(RunConfig config) {
    Source source =
        new Source(
            config.data(),
            config.model().path(),
            config.model().maxLength(),
            config.general().seed());
    return SHARED.computeIfAbsent(source, () -> load(source));
  }

  private static RecordPool load(Source source) {
    RunConfig.DataConfig data = source.data();
    RandomKey key = RandomKey.root(source.seed());
    List<TextRecord> records = read(data, data.train());
    List<TextRecord> training = new ArrayList<>();
    List<TextRecord> heldOut = new ArrayList<>();
    if (data.test().isPresent()) {
      training = records;
      heldOut = read(data, data.test().get());
    } else {
      RandomKey split = key.with(Purpose.DATA_SPLIT);
      for (int i = 0; i < records.size(); i++) {
        (split.uniform(i) < data.testFraction() ? heldOut : training).add(records.get(i));
      }
    }
    if (heldOut.isEmpty()) {
      throw new IllegalArgumentException(
          "data.test-fraction = "
              + data.testFraction()
              + " left no held-out record of "
              + records.size());
    }
    heldOut = sample(heldOut, data.maxTestExamples(), key);
    try (TextTokenizer tokenizer = TextTokenizer.open(Path.of(source.tokenizer()))) {
      int limit = source.maxLength();
      boolean names = data.source() == RunConfig.DataConfig.Source.JDK_LOCALE_NAMES;
      List<String> labels =
          !names
              ? List.of()
              : data.languages().isEmpty() ? LocaleNames.privateLanguages() : data.languages();
      return new RecordPool(
          training, encode(training, tokenizer, limit), encode(heldOut, tokenizer, limit), labels);
    }
  }

  private static List<TextRecord> read(RunConfig.DataConfig data, String path) {
    return switch (data.source()) {
      case JDK_LOCALE_NAMES -> LocaleNames.privatePart(data.languages());
      case ROLES -> TextSource.roles(Path.of(path));
      case TSV, JSONL -> TextSource.read(Path.of(path));
    };
  }

  private static List<TextRecord> sample(List<TextRecord> records, int most, RandomKey key) {
    if (most == 0 || records.size() <= most) {
      return records;
    }
    int[] order = key.with(Purpose.SHUFFLE).permutation(records.size());
    List<TextRecord> some = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      some.add(records.get(order[i]));
    }
    return some;
  }

  private static List<Example> encode(
      List<TextRecord> records, TextTokenizer tokenizer, int limit) {
    return records.stream()
        .map(r -> new Example(tokenizer.encode(r.text(), limit), r.label()))
        .toList();
  }
}
