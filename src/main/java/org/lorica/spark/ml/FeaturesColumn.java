package org.lorica.spark.ml;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.lorica.data.ImageShape;
import org.lorica.data.StoredImage;
import org.lorica.spark.FrameContent;
import org.lorica.spark.FrameEncoding;

/** The column that a model reads: texts, image files as binary, or rows of Spark's image source. */
record FeaturesColumn(String name, Kind kind) implements Serializable {
  private static final String IMAGES = "binary (image files) or the struct of Spark's image source";
  // OpenCV's codes of 8-bit grey, BGR and BGRA, as Spark's image source writes them.
  private static final List<Integer> MODES = List.of(0, 16, 24);

  /** What a cell holds. */
  enum Kind {
    TEXT,
    IMAGE_FILE,
    IMAGE_STRUCT
  }

  /**
   * The column by its type.
   *
   * @throws IllegalArgumentException if the type is none that any model takes
   */
  static FeaturesColumn of(StructType schema, String name) {
    DataType type = schema.apply(name).dataType();
    if (type.equals(DataTypes.StringType)) {
      return new FeaturesColumn(name, Kind.TEXT);
    }
    if (type.equals(DataTypes.BinaryType)) {
      return new FeaturesColumn(name, Kind.IMAGE_FILE);
    }
    if (type instanceof StructType struct && shape(struct).equals(shape(image()))) {
      return new FeaturesColumn(name, Kind.IMAGE_STRUCT);
    }
    throw new IllegalArgumentException(
        "featuresCol must name a column of text, or of images: "
            + IMAGES
            + ", got \""
            + name
            + "\" of type "
            + type.simpleString());
  }

  private static StructType image() {
    return ImageSchema.columnSchema();
  }

  /** Names and types; whether a field may be null does not count. */
  private static List<String> shape(StructType struct) {
    return Arrays.stream(struct.fields()).map(FeaturesColumn::field).toList();
  }

  private static String field(StructField field) {
    return field.name() + ":" + field.dataType().simpleString();
  }

  /**
   * How the model reads this column.
   *
   * @param image what the model takes; empty for a model of texts
   * @param maxLength of texts, in tokens
   * @throws IllegalArgumentException if the model reads another kind of column
   */
  FrameEncoding encoding(String modelPath, Optional<ImageShape> image, int maxLength) {
    if (image.isPresent() == (kind == Kind.TEXT)) {
      throw new IllegalArgumentException(
          "featuresCol must name a column of "
              + image.map(shape -> "images of " + shape + ": " + IMAGES).orElse("text: string")
              + ", as the model in "
              + modelPath
              + " takes them, got \""
              + name
              + "\" of "
              + (kind == Kind.TEXT ? "text" : "images"));
    }
    return image
        .<FrameEncoding>map(
            shape -> new FrameEncoding.Images(modelPath, "featuresCol \"" + name + "\"", shape))
        .orElseGet(() -> new FrameEncoding.Texts(modelPath, maxLength));
  }

  /** A cell; null and images of another layout are errors that name the column. */
  FrameContent content(Row row, int column) {
    FrameRows.requirePresent(row, column, "featuresCol", name);
    return switch (kind) {
      case TEXT -> new FrameContent.Text(row.getString(column));
      case IMAGE_FILE -> new FrameContent.Picture(StoredImage.ofFile(row.<byte[]>getAs(column)));
      case IMAGE_STRUCT -> new FrameContent.Picture(pixels(row.getStruct(column)));
    };
  }

  private StoredImage pixels(Row image) {
    int channels = ImageSchema.getNChannels(image);
    if (!MODES.contains(ImageSchema.getMode(image))) {
      throw bad(
          image,
          "expected 8 bits of 1, 3 or 4 channels (mode 0, 16 or 24), found mode "
              + ImageSchema.getMode(image)
              + " of "
              + channels
              + " channels (-1: the file is no image)");
    }
    try {
      return StoredImage.ofBlueGreenRed(
          new ImageShape(channels, ImageSchema.getHeight(image), ImageSchema.getWidth(image)),
          ImageSchema.getData(image));
    } catch (IllegalArgumentException e) {
      throw bad(image, e.getMessage());
    }
  }

  private IllegalArgumentException bad(Row image, String message) {
    return new IllegalArgumentException(
        "featuresCol \"" + name + "\", image " + ImageSchema.getOrigin(image) + ": " + message);
  }
}
