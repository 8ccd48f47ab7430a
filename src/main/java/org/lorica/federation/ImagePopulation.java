package org.lorica.federation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lorica.config.RunConfig;
import org.lorica.config.RunConfig.DataConfig;
import org.lorica.data.Example;
import org.lorica.data.ImageFolder;
import org.lorica.data.ImageRecord;
import org.lorica.data.ImageSet;
import org.lorica.data.ImageShape;
import org.lorica.data.ImageSource;
import org.lorica.data.LabelMap;
import org.lorica.data.Partition;
import org.lorica.data.PixelTable;
import org.lorica.data.Preprocessor;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/** Clients that hold images: read, split and dealt out as the configuration says. */
final class ImagePopulation implements Population {
  private final Partition partition;
  private final List<Example> train;
  private final List<Example> test;
  private final List<String> labels;
  private final List<String> notes;

  private ImagePopulation(
      Partition partition,
      List<ImageRecord> train,
      List<ImageRecord> test,
      List<String> labels,
      List<String> notes) {
    this.partition = partition;
    this.train = train.stream().map(ImageRecord::example).toList();
    this.test = test.stream().map(ImageRecord::example).toList();
    this.labels = labels;
    this.notes = List.copyOf(notes);
  }

  static ImagePopulation load(RunConfig config, ImageShape shape) {
    DataConfig data = config.data();
    Preprocessor preprocessor = Preprocessor.open(Path.of(config.model().path()), shape);
    List<String> labels = labels(data);
    ImageSource source = new ImageSource(settings(data.images(), labels), preprocessor);
    RandomKey key = RandomKey.root(config.general().seed());
    List<String> notes = new ArrayList<>();
    ImageSet all = read(source, data, data.train(), ImageSource.Part.TRAIN);
    all.note("training").ifPresent(notes::add);
    List<ImageRecord> training = new ArrayList<>();
    List<ImageRecord> heldOut = new ArrayList<>();
    if (data.test().isPresent()) {
      training = all.records();
      ImageSet other = read(source, data, data.test().get(), ImageSource.Part.TEST);
      other.note("held-out").ifPresent(notes::add);
      heldOut = other.records();
    } else {
      RandomKey split = key.with(Purpose.DATA_SPLIT);
      for (int i = 0; i < all.records().size(); i++) {
        (split.uniform(i) < data.testFraction() ? heldOut : training).add(all.records().get(i));
      }
    }
    if (heldOut.isEmpty()) {
      throw new IllegalArgumentException(
          "data.test-fraction = "
              + data.testFraction()
              + " left no held-out image of "
              + all.records().size());
    }
    return new ImagePopulation(
        TextPopulation.partition(config, training, key),
        training,
        TextPopulation.sample(heldOut, data.maxTestExamples(), key),
        labels,
        notes);
  }

  /** As configured, or the sub-folders of the training part. */
  private static List<String> labels(DataConfig data) {
    boolean folders =
        data.source() == DataConfig.Source.IMAGE_FOLDER && data.images().labels().isEmpty();
    return folders ? ImageFolder.classes(Path.of(data.train())) : data.images().labels();
  }

  private static ImageSource.Settings settings(DataConfig.ImageData images, List<String> labels) {
    return new ImageSource.Settings(
        new LabelMap(labels),
        switch (images.channels()) {
          case AS_STORED -> ImageSource.Channels.AS_STORED;
          case CONVERT -> ImageSource.Channels.CONVERT;
        },
        switch (images.badRecords()) {
          case FAIL -> ImageSet.BadRecords.FAIL;
          case SKIP -> ImageSet.BadRecords.SKIP;
        },
        new PixelTable.Layout(
            switch (images.labelColumn()) {
              case FIRST -> PixelTable.LabelColumn.FIRST;
              case LAST -> PixelTable.LabelColumn.LAST;
            },
            images.pixelMax()));
  }

  private static ImageSet read(
      ImageSource source, DataConfig data, String path, ImageSource.Part part) {
    ImageSource.Format format =
        switch (data.source()) {
          case IMAGE_FOLDER -> ImageSource.Format.FOLDER;
          case IMAGE_CSV -> ImageSource.Format.CSV;
          case IDX -> ImageSource.Format.IDX;
          case CIFAR -> ImageSource.Format.CIFAR;
          case IMAGE_RECORDS -> ImageSource.Format.RECORDS;
          default -> throw new IllegalStateException(data.source() + " holds no images");
        };
    return source.read(Path.of(path), format, part);
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

  @Override
  public List<String> notes() {
    return notes;
  }
}
