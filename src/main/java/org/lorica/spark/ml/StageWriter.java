package org.lorica.spark.ml;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.MLWriter;

/** Writes a stage that is nothing but its parameters. */
final class StageWriter extends MLWriter {
  private final Params stage;

  StageWriter(Params stage) {
    this.stage = stage;
  }

  @Override
  public void saveImpl(String path) {
    Metadata.save(sparkSession(), stage, path, new ObjectMapper().createObjectNode());
  }
}
