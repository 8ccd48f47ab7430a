package org.lorica.spark.ml;

import java.nio.file.Path;
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
import org.lorica.data.TextTokenizer;
import org.lorica.federation.Scorer;
import org.lorica.lora.AdapterSet;
import org.lorica.model.Predictions;

/** Adds logits, probabilities and the likeliest class to rows, batch by batch. */
record TextScoring(
    Broadcast<AdapterSet> adapter, String modelPath, int maxLength, String name, int column)
    implements MapPartitionsFunction<Row, Row> {
  private static final int BATCH = 64;

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    if (!rows.hasNext()) {
      return rows;
    }
    Scorer scorer = Scorer.of(modelPath, adapter.value());
    TextTokenizer tokenizer = TextTokenizer.open(Path.of(modelPath));
    TaskContext.get()
        .addTaskCompletionListener((TaskCompletionListener) context -> tokenizer.close());
    int limit = Math.min(maxLength, scorer.maxPositions());
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
            String text = TextRows.text(row, column, "featuresCol", name);
            batch.add(row);
            examples.add(new Example(tokenizer.encode(text, limit), Example.NO_LABEL));
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
