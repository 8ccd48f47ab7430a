package org.lorica.spark.ml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.lorica.federation.ExportedAdapter;
import org.lorica.federation.ScoredModel;
import org.lorica.federation.Scorer;
import org.lorica.lora.AdapterSet;
import org.lorica.spark.FrameEncoding;
import org.lorica.tensor.Device;

/**
 * A classifier of texts or images that {@link FederatedLoraClassifier} trained: an adapter above
 * the frozen model in {@link #modelPath}, which every executor loads once. Saved as Spark ML saves
 * models, with the adapter's PEFT files inside.
 */
public final class FederatedLoraModel extends Model<FederatedLoraModel>
    implements ScoringParams, MLWritable {
  private static final long serialVersionUID = 1L;

  private static final String ADAPTER_CLASSES = "adapterClasses";

  private final String uid;
  private final transient ExportedAdapter exported;
  private final int adapterClasses;
  private final transient SpentPrivacy privacy;
  private final Scoring scoring;

  /** Makes a model; {@code adapterClasses} as {@link ScoredModel} has it. */
  FederatedLoraModel(
      String uid, ExportedAdapter exported, int adapterClasses, SpentPrivacy privacy) {
    this.uid = uid;
    this.exported = exported;
    this.adapterClasses = adapterClasses;
    this.privacy = privacy;
    this.scoring = new Scoring(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public Scoring scoring() {
    return scoring;
  }

  /** What training spent of its clients' privacy. */
  public SpentPrivacy privacy() {
    return privacy;
  }

  /** Writes {@code adapter_config.json} and {@code adapter_model.safetensors} into a folder. */
  public void exportAdapter(Path folder) {
    exported.write(folder);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return scoredSchema(schema);
  }

  @Override
  public Dataset<Row> transform(Dataset<?> data) {
    StructType scored = transformSchema(data.schema());
    FeaturesColumn features = FeaturesColumn.of(data.schema(), getOrDefault(featuresCol()));
    String path = getOrDefault(modelPath());
    ScoredModel model = scored(path, adapterClasses, getOrDefault(device()));
    int limit = Math.min((int) getOrDefault(maxLength()), Scorer.maxPositions(model));
    FrameEncoding encoding = features.encoding(path, Scorer.imageOf(model), limit);
    Broadcast<AdapterSet> shared =
        JavaSparkContext.fromSparkContext(data.sparkSession().sparkContext())
            .broadcast(exported.adapter());
    RowScoring scoringOfRows =
        new RowScoring(
            shared, model, encoding, features, data.schema().fieldIndex(features.name()));
    return data.toDF().mapPartitions(scoringOfRows, Encoders.row(scored));
  }

  private static ScoredModel scored(String path, int adapterClasses, String device) {
    return new ScoredModel(path, adapterClasses, Device.valueOf(device.toUpperCase(Locale.ROOT)));
  }

  @Override
  public FederatedLoraModel copy(ParamMap extra) {
    FederatedLoraModel copy = new FederatedLoraModel(uid, exported, adapterClasses, privacy);
    return copyValues(copy, extra).setParent(parent());
  }

  @Override
  public MLWriter write() {
    return new MLWriter() {
      @Override
      public void saveImpl(String path) {
        ObjectNode extra = new ObjectMapper().createObjectNode();
        ObjectNode spent = extra.putObject("privacy");
        privacy.epsilon().ifPresent(e -> spent.put("epsilon", e));
        spent.put("delta", privacy.delta()).put("unit", privacy.unit());
        spent.put("accountant", privacy.accountant());
        spent.put("formalGuarantee", privacy.formalGuarantee());
        if (adapterClasses > 0) {
          extra.put(ADAPTER_CLASSES, adapterClasses);
        }
        Metadata.save(sparkSession(), FederatedLoraModel.this, path, extra);
        AdapterFiles.save(sparkSession(), path, folder -> exportAdapter(folder));
      }
    };
  }

  /** A reader of saved models; their frozen model must be where {@code modelPath} says. */
  public static MLReader<FederatedLoraModel> read() {
    return new MLReader<>() {
      @Override
      public FederatedLoraModel load(String path) {
        JsonNode metadata = Metadata.load(sparkSession(), path, FederatedLoraModel.class);
        String backbone = metadata.at("/paramMap/modelPath").asText();
        int adapterClasses = metadata.path(ADAPTER_CLASSES).asInt(0);
        ExportedAdapter exported =
            AdapterFiles.load(
                sparkSession(),
                path,
                scored(backbone, adapterClasses, metadata.at("/paramMap/device").asText("auto")));
        JsonNode spent = metadata.path("privacy");
        FederatedLoraModel model =
            new FederatedLoraModel(
                metadata.path("uid").asText(),
                exported,
                adapterClasses,
                new SpentPrivacy(
                    spent.has("epsilon")
                        ? OptionalDouble.of(spent.get("epsilon").asDouble())
                        : OptionalDouble.empty(),
                    spent.path("delta").asDouble(),
                    spent.path("unit").asText(),
                    spent.path("accountant").asText(),
                    spent.path("formalGuarantee").asText()));
        Metadata.restore(model, metadata);
        return model;
      }
    };
  }

  /** The model saved at {@code path}. */
  public static FederatedLoraModel load(String path) {
    return read().load(path);
  }
}
