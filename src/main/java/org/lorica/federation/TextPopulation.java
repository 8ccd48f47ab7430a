package org.lorica.federation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.data.Labelled;
import org.lorica.data.LocaleNames;
import org.lorica.data.Partition;
import org.lorica.data.TextRecord;
import org.lorica.data.TextSource;
import org.lorica.data.TextTokenizer;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/** Clients that hold texts: read, split, dealt out and tokenised as the configuration says. */
final class TextPopulation implements Population {
  private final Partition partition;
  private final List<Example> train;
  private final List<Example> test;
  private final List<String> labels;

  private TextPopulation(
      Partition partition, List<Example> train, List<Example> test, List<String> labels) {
    this.partition = partition;
    this.train = train;
    this.test = test;
    this.labels = labels;
  }

  static TextPopulation load(RunConfig config) {
    RunConfig.DataConfig data = config.data();
    RandomKey key = RandomKey.root(config.general().seed());
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
    Partition partition = partition(config, training, key);
    try (TextTokenizer tokenizer = TextTokenizer.open(Path.of(config.model().path()))) {
      int limit = config.model().maxLength();
      boolean names = data.source() == RunConfig.DataConfig.Source.JDK_LOCALE_NAMES;
      List<String> labels =
          !names
              ? List.of()
              : data.languages().isEmpty() ? LocaleNames.privateLanguages() : data.languages();
      return new TextPopulation(
          partition, encode(training, tokenizer, limit), encode(heldOut, tokenizer, limit), labels);
    }
  }

  private static List<TextRecord> read(RunConfig.DataConfig data, String path) {
    return switch (data.source()) {
      case JDK_LOCALE_NAMES -> LocaleNames.privatePart(data.languages());
      case ROLES -> TextSource.roles(Path.of(path));
      case TSV, JSONL -> TextSource.read(Path.of(path));
      default -> throw new IllegalStateException(data.source() + " holds no texts");
    };
  }

  static <R> List<R> sample(List<R> records, int most, RandomKey key) {
    if (most == 0 || records.size() <= most) {
      return records;
    }
    int[] order = key.with(Purpose.SHUFFLE).permutation(records.size());
    List<R> some = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      some.add(records.get(order[i]));
    }
    return some;
  }

  static Partition partition(RunConfig config, List<? extends Labelled> records, RandomKey key) {
    RunConfig.ClientsConfig clients = config.clients();
    return switch (clients.partitioner()) {
      case IID ->
          Partition.iid(records.size(), clients.count(), key).limited(0, clients.maxExamples());
      case DIRICHLET ->
          Partition.dirichlet(
                  records.stream().map(Labelled::label).toList(),
                  clients.count(),
                  clients.dirichletAlpha(),
                  clients.minExamples(),
                  key)
              .limited(0, clients.maxExamples());
      case NATURAL ->
          Partition.natural(records.stream().map(Labelled::client).toList(), clients.minExamples())
              .limited(clients.count(), clients.maxExamples());
    };
  }

  private static List<Example> encode(
      List<TextRecord> records, TextTokenizer tokenizer, int limit) {
    return records.stream()
        .map(r -> new Example(tokenizer.encode(r.text(), limit), r.label()))
        .toList();
  }

  @Override
  public int clients() {
    return partition.clients();
  }

  @Override
  public int size(int client) {
    return partition.of(client).size();
  }

  @Override
  public List<Example> examples(int client) {
    return partition.of(client).stream().map(train::get).toList();
  }

  @Override
  public List<Example> test() {
    return test;
  }

  @Override
  public List<String> labels() {
    return labels;
  }
}
