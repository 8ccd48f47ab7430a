package org.lorica.model;

import java.util.List;
import org.lorica.tensor.Tensor;

/** Any embedding below and any head above. */
record StackEnds(Embedding embedding, Head head) implements Ends {
  @Override
  public Tensor embed(Pass pass) {
    return embedding.embed(pass);
  }

  @Override
  public int leadingRows() {
    return head.leadingRows();
  }

  @Override
  public List<Tensor> predict(Pass pass, Tensor x, double[] losses) {
    return head.predict(pass, x, losses);
  }

  @Override
  public void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx) {
    head.differentiate(pass, x, losses, dx);
  }
}
