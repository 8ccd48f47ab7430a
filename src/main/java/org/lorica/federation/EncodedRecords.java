package org.lorica.federation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lorica.config.RunConfig.DataConfig;
import org.lorica.data.Example;
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
 *
 * @param records what clients may hold
 * @param train the same, tokenised, in the same order
 * @param test held-out examples; several a record for questions
 * @param labels names of the classes in label order; empty where there are none
 * @param remarks what was left out or cut, a line each
 */
record EncodedRecords(
    List<TextRecord> records,
    List<Example> train,
    List<Example> test,
    List<String> labels,
    List<String> remarks) {

  /**
   * What a tokenizer needs.
   *
   * @param folder of the model
   * @param maxLength tokens
   */
  record Tokenising(Path folder, int maxLength) {}

  static EncodedRecords load(DataConfig data, Tokenising tokenising, long seed) {
    RandomKey key = RandomKey.root(seed);
    RecordLog log = new RecordLog();
    List<TextRecord> records = read(data, data.train(), log);
    List<TextRecord> training = new ArrayList<>();
    List<TextRecord> heldOut = new ArrayList<>();
    if (data.test().isPresent()) {
      training = records;
      heldOut = read(data, data.test().get(), log);
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
    return encode(data, tokenising, training, sample(heldOut, data.maxTestExamples(), key), log);
  }

  /** Records that came from elsewhere. */
  static EncodedRecords encode(
      DataConfig data,
      Tokenising tokenising,
      List<TextRecord> training,
      List<TextRecord> heldOut,
      RecordLog log) {
    try (TextTokenizer tokenizer = TextTokenizer.open(tokenising.folder())) {
      TextEncoder encoder = new TextEncoder(tokenizer, tokenising.maxLength(), data.format(), log);
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
      return new EncodedRecords(kept, train, test, labels(data), log.lines());
    }
  }

  private static List<String> labels(DataConfig data) {
    if (data.source() != DataConfig.Source.JDK_LOCALE_NAMES) {
      return data.format().labels();
    }
    return data.languages().isEmpty() ? LocaleNames.privateLanguages() : data.languages();
  }

  private static List<TextRecord> read(DataConfig data, String path, RecordLog log) {
    return data.source() == DataConfig.Source.JDK_LOCALE_NAMES
        ? LocaleNames.privatePart(data.languages())
        : TextSource.read(path, data.source(), data.format(), log);
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
