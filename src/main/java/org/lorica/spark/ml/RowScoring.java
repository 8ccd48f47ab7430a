package org.lorica.spark.ml;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;
import org.lorica.data.Example;
import org.lorica.federation.ScoredModel;
import org.lorica.federation.Scorer;
import org.lorica.lora.AdapterSet;
import org.lorica.model.Predictions;
import org.lorica.spark.FrameEncoding;
import org.lorica.spark.TaskDevice;

/** Adds logits, probabilities and the likeliest class to rows, batch by batch. */
record RowScoring(
    Broadcast<AdapterSet> adapter,
    ScoredModel model,
    FrameEncoding encoding,
    FeaturesColumn features,
    int column)
    implements MapPartitionsFunction<Row, Row> {
  private static final int BATCH = 64;

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    if (!rows.hasNext()) {
      return rows;
    }
    Scorer scorer = TaskDevice.bound(() -> Scorer.of(model, adapter.value()));
    FrameEncoding.Encoder encoder = encoding.open();
    TaskContext.get()
        .addTaskCompletionListener((TaskCompletionListener) context -> encoder.close());
    Deque<Row> ready = new ArrayDeque<>();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return !ready.isEmpty() || rows.hasNext();
      }

      @Override
      public Row next() {
        if (ready.isEmpty()) {
          List<Row> batch = new ArrayList<>();
          List<Example> examples = new ArrayList<>();
          while (rows.hasNext() && batch.size() < BATCH) {
            Row row = rows.next();
            batch.add(row);
            examples.add(encoder.example(features.content(row, column), Example.NO_LABEL));
          }
          Predictions predictions = scorer.predict(examples);
          for (int i = 0; i < batch.size(); i++) {
            ready.add(scored(batch.get(i), predictions, i));
          }
        }
        return ready.remove();
      }
    };
  }

  private static Row scored(Row row, Predictions predictions, int example) {
    float[] logits = predictions.logits(example);
    double[] raw = new double[logits.length];
    double most = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < raw.length; k++) {
      raw[k] = logits[k];
      most = Math.max(most, raw[k]);
    }
    double[] probability = new double[raw.length];
    double total = 0;
    for (int k = 0; k < raw.length; k++) {
      probability[k] = Math.exp(raw[k] - most);
      total += probability[k];
    }
    for (int k = 0; k < raw.length; k++) {
      probability[k] /= total;
    }
    Object[] values = new Object[row.length() + 3];
    for (int c = 0; c < row.length(); c++) {
      values[c] = row.get(c);
    }
    values[row.length()] = Vectors.dense(raw);
    values[row.length() + 1] = Vectors.dense(probability);
    values[row.length() + 2] = (double) predictions.best(example);
    return RowFactory.create(values);
  }
}
