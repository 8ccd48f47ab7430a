package org.lorica.federation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lorica.config.DataConfig;
import org.lorica.data.ImageFolder;
import org.lorica.data.ImageRecord;
import org.lorica.data.ImageSet;
import org.lorica.data.ImageShape;
import org.lorica.data.ImageSource;
import org.lorica.data.LabelMap;
import org.lorica.data.PixelTable;
import org.lorica.data.Preprocessor;
import org.lorica.random.RandomKey;

/** Images read and split as the configuration says. */
final class ImagePool {
  private ImagePool() {}

  /**
   * Reads all images.
   *
   * @param model folder that says how images are preprocessed
   * @param shape what the model takes
   */
  static RecordPool load(DataConfig data, Path model, ImageShape shape, long seed) {
    List<String> labels = labels(data);
    ImageSource source = new ImageSource(settings(data, labels), Preprocessor.open(model, shape));
    List<String> remarks = new ArrayList<>();
    List<ImageRecord> all = read(source, data, ImageSource.Part.TRAIN, remarks);
    Split<ImageRecord> split =
        Split.of(
            data,
            all,
            () -> read(source, data, ImageSource.Part.TEST, remarks),
            RandomKey.root(seed));
    return new RecordPool(
        split.training(),
        split.training().stream().map(ImageRecord::example).toList(),
        split.heldOut().stream().map(ImageRecord::example).toList(),
        labels,
        List.copyOf(remarks));
  }

  /** As configured, or the sub-folders of the training part. */
  private static List<String> labels(DataConfig data) {
    boolean folders =
        data.source() == DataConfig.Source.IMAGE_FOLDER && data.format().labels().isEmpty();
    return folders ? ImageFolder.classes(Path.of(data.train())) : data.format().labels();
  }

  private static ImageSource.Settings settings(DataConfig data, List<String> labels) {
    return new ImageSource.Settings(
        new LabelMap(labels),
        switch (data.images().channels()) {
          case AS_STORED -> ImageSource.Channels.AS_STORED;
          case CONVERT -> ImageSource.Channels.CONVERT;
        },
        switch (data.format().badRecords()) {
          case FAIL -> ImageSet.BadRecords.FAIL;
          case SKIP -> ImageSet.BadRecords.SKIP;
        },
        new PixelTable.Layout(
            switch (data.images().labelColumn()) {
              case FIRST -> PixelTable.LabelColumn.FIRST;
              case LAST -> PixelTable.LabelColumn.LAST;
            },
            data.images().pixelMax()));
  }

  private static List<ImageRecord> read(
      ImageSource source, DataConfig data, ImageSource.Part part, List<String> remarks) {
    ImageSource.Format format =
        switch (data.source()) {
          case IMAGE_FOLDER -> ImageSource.Format.FOLDER;
          case IMAGE_CSV -> ImageSource.Format.CSV;
          case IDX -> ImageSource.Format.IDX;
          case CIFAR -> ImageSource.Format.CIFAR;
          case IMAGE_RECORDS -> ImageSource.Format.RECORDS;
          default -> throw new IllegalStateException(data.source() + " holds no images");
        };
    boolean train = part == ImageSource.Part.TRAIN;
    String path = train ? data.train() : data.test().orElseThrow();
    ImageSet set = source.read(Path.of(path), format, part);
    set.note(train ? "training" : "held-out").ifPresent(remarks::add);
    return set.records();
  }
}
