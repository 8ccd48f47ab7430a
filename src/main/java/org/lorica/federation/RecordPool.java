package org.lorica.federation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lorica.config.HubConfig;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.data.HubCache;
import org.lorica.data.LocaleNames;
import org.lorica.data.RecordLog;
import org.lorica.data.TextEncoder;
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
 * @param test held-out examples; several a record for questions
 * @param labels names of the classes in label order; empty where there are none
 * @param notes what was left out or cut, a line each
 */
record RecordPool(
    List<TextRecord> records,
    List<Example> train,
    List<Example> test,
    List<String> labels,
    List<String> notes) {
  private static final LastUsed<Source, RecordPool> SHARED = new LastUsed<>(2);

  /** All settings that a pool depends on. */
  private record Source(
      RunConfig.DataConfig data, HubConfig hub, String model, int maxLength, long seed) {}

  static RecordPool of(RunConfig config) {
    Source source =
        new Source(
            config.data(),
            config.hub(),
            config.model().path(),
            config.model().maxLength(),
            config.general().seed());
    return SHARED.computeIfAbsent(source, () -> load(source));
  }

  private static RecordPool load(Source source) {
    RunConfig.DataConfig data = source.data();
    RandomKey key = RandomKey.root(source.seed());
    RecordLog log = new RecordLog();
    List<TextRecord> records = read(source, data.train(), log);
    List<TextRecord> training = new ArrayList<>();
    List<TextRecord> heldOut = new ArrayList<>();
    if (data.test().isPresent()) {
      training = records;
      heldOut = read(source, data.test().get(), log);
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
    return encode(source, training, sample(heldOut, data.maxTestExamples(), key), log);
  }

  private static RecordPool encode(
      Source source, List<TextRecord> training, List<TextRecord> heldOut, RecordLog log) {
    RunConfig.DataConfig data = source.data();
    try (TextTokenizer tokenizer =
        TextTokenizer.open(new HubCache(source.hub()).localModel(source.model()))) {
      TextEncoder encoder = new TextEncoder(tokenizer, source.maxLength(), data.format(), log);
      List<TextRecord> kept = new ArrayList<>();
      List<Example> train = new ArrayList<>();
      for (TextRecord record : training) {
        Optional<Example> example = encoder.training(record);
        if (example.isPresent()) {
          kept.add(record);
          train.add(example.get());
        }
      }
      List<Example> test = heldOut.stream().flatMap(r -> encoder.heldOut(r).stream()).toList();
      return new RecordPool(kept, train, test, labels(data), log.lines());
    }
  }

  private static List<String> labels(RunConfig.DataConfig data) {
    if (data.source() != RunConfig.DataConfig.Source.JDK_LOCALE_NAMES) {
      return data.format().labels();
    }
    return data.languages().isEmpty() ? LocaleNames.privateLanguages() : data.languages();
  }

  private static List<TextRecord> read(Source source, String path, RecordLog log) {
    RunConfig.DataConfig data = source.data();
    if (data.source() == RunConfig.DataConfig.Source.JDK_LOCALE_NAMES) {
      return LocaleNames.privatePart(data.languages());
    }
    String file = new HubCache(source.hub()).localFile(path);
    return TextSource.read(file, data.source(), data.format(), log);
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
}
