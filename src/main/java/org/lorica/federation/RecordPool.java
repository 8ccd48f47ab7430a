package org.lorica.federation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.lorica.config.DataConfig;
import org.lorica.config.HubConfig;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.data.HubCache;
import org.lorica.data.ImageShape;
import org.lorica.data.Labelled;
import org.lorica.data.LocaleNames;
import org.lorica.data.RecordLog;
import org.lorica.data.TextEncoder;
import org.lorica.data.TextRecord;
import org.lorica.data.TextSource;
import org.lorica.data.TextTokenizer;
import org.lorica.model.Model;
import org.lorica.random.RandomKey;

/**
 * Texts or images read, split and tokenised as the configuration says, before they are dealt out to
 * clients. Kept in this JVM for runs that differ in other settings only.
 *
 * @param records what clients may hold
 * @param train the same as examples, in the same order
 * @param test held-out examples; several a record for questions
 * @param labels names of the classes in label order; empty where there are none
 * @param notes what was left out or cut, a line each
 */
record RecordPool(
    List<? extends Labelled> records,
    List<Example> train,
    List<Example> test,
    List<String> labels,
    List<String> notes) {
  private static final LastUsed<Source, RecordPool> SHARED = new LastUsed<>(2);

  /** All settings that a pool depends on. */
  private record Source(
      DataConfig data,
      HubConfig hub,
      String model,
      int maxLength,
      Optional<ImageShape> image,
      long seed) {

    /** The model's folder on this machine. */
    Path folder() {
      return new HubCache(hub).localModel(model);
    }
  }

  static RecordPool of(RunConfig config, Model model) {
    boolean images = config.data().source().images();
    if (images != model.image().isPresent()) {
      throw new IllegalArgumentException(
          "lorica.data.source must hold "
              + (images ? "texts" : "images")
              + ", which is what the model in "
              + config.model().path()
              + " takes, got "
              + config.data().source().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    Source source =
        new Source(
            config.data(),
            config.hub(),
            config.model().path(),
            config.model().maxLength(),
            model.image(),
            config.general().seed());
    return SHARED.computeIfAbsent(source, () -> load(source));
  }

  private static RecordPool load(Source source) {
    return source
        .image()
        .map(shape -> ImagePool.load(source.data(), source.folder(), shape, source.seed()))
        .orElseGet(() -> texts(source));
  }

  private static RecordPool texts(Source source) {
    DataConfig data = source.data();
    RandomKey key = RandomKey.root(source.seed());
    RecordLog log = new RecordLog();
    List<TextRecord> records = read(source, data.train(), log);
    Split<TextRecord> split =
        Split.of(data, records, () -> read(source, data.test().orElseThrow(), log), key);
    return encode(source, split.training(), split.heldOut(), log);
  }

  private static RecordPool encode(
      Source source, List<TextRecord> training, List<TextRecord> heldOut, RecordLog log) {
    DataConfig data = source.data();
    try (TextTokenizer tokenizer = TextTokenizer.open(source.folder())) {
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

  private static List<String> labels(DataConfig data) {
    if (data.source() != DataConfig.Source.JDK_LOCALE_NAMES) {
      return data.format().labels();
    }
    return data.languages().isEmpty() ? LocaleNames.privateLanguages() : data.languages();
  }

  private static List<TextRecord> read(Source source, String path, RecordLog log) {
    DataConfig data = source.data();
    if (data.source() == DataConfig.Source.JDK_LOCALE_NAMES) {
      return LocaleNames.privatePart(data.languages());
    }
    String file = new HubCache(source.hub()).localFile(path);
    return TextSource.read(file, data.source(), data.format(), log);
  }
}
