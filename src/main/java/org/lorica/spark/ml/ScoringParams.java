package org.lorica.spark.ml;

import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Parameters that estimator and model share. */
public interface ScoringParams extends Params {

  /** The parameters themselves; made once by the constructor. */
  Scoring scoring();

  default Param<String> featuresCol() {
    return scoring().features;
  }

  default Param<String> predictionCol() {
    return scoring().prediction;
  }

  default Param<String> probabilityCol() {
    return scoring().probability;
  }

  default Param<String> rawPredictionCol() {
    return scoring().rawPrediction;
  }

  default Param<String> modelPath() {
    return scoring().modelPath;
  }

  default IntParam maxLength() {
    return scoring().maxLength;
  }

  /** What computes: auto, cpu or cuda, as the key {@code device}. */
  default Param<String> device() {
    return scoring().device;
  }

  /** Checks the column of texts or images and adds the columns of predictions. */
  default StructType scoredSchema(StructType schema) {
    String features = getOrDefault(featuresCol());
    if (!schema.getFieldIndex(features).isDefined()) {
      throw new IllegalArgumentException(
          "featuresCol must name a column of the DataFrame, got \""
              + features
              + "\" beside "
              + String.join(", ", schema.fieldNames()));
    }
    FeaturesColumn.of(schema, features);
    StructType scored = schema;
    for (Param<String> column : java.util.List.of(rawPredictionCol(), probabilityCol())) {
      scored = scored.add(free(schema, column), SQLDataTypes.VectorType(), false);
    }
    return scored.add(free(schema, predictionCol()), DataTypes.DoubleType, false);
  }

  private String free(StructType schema, Param<String> column) {
    String name = getOrDefault(column);
    if (schema.getFieldIndex(name).isDefined()) {
      throw new IllegalArgumentException(
          column.name() + " must name a new column, got \"" + name + "\", which is there already");
    }
    return name;
  }

  /** The parameters of one estimator or model. */
  final class Scoring implements java.io.Serializable {
    private static final long serialVersionUID = 1L;

    final Param<String> features;
    final Param<String> prediction;
    final Param<String> probability;
    final Param<String> rawPrediction;
    final Param<String> modelPath;
    final IntParam maxLength;
    final Param<String> device;

    Scoring(Params owner) {
      features =
          new Param<>(
              owner,
              "featuresCol",
              "column of texts, or of images: image files as binary, or Spark's image struct");
      prediction = new Param<>(owner, "predictionCol", "new column: the likeliest class, a double");
      probability = new Param<>(owner, "probabilityCol", "new column: probability of every class");
      rawPrediction = new Param<>(owner, "rawPredictionCol", "new column: logit of every class");
      modelPath =
          new Param<>(
              owner, "modelPath", "folder of the frozen model, readable on driver and executors");
      maxLength =
          new IntParam(owner, "maxLength", "longest text in tokens, > 1", ParamValidators.gt(1.0));
      device =
          new Param<>(
              owner,
              "device",
              "what computes: auto, cpu or cuda",
              ParamValidators.inArray(new String[] {"auto", "cpu", "cuda"}));
      owner.setDefault(features, "text");
      owner.setDefault(prediction, "prediction");
      owner.setDefault(probability, "probability");
      owner.setDefault(rawPrediction, "rawPrediction");
      owner.setDefault(maxLength, 64);
      owner.setDefault(device, "auto");
    }
  }
}
