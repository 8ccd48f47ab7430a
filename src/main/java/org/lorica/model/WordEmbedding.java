package org.lorica.model;

import org.lorica.tensor.Tensor;

/**
 * A decoder's embedding: the row of every token.
 *
 * @param words vocabulary × width
 */
record WordEmbedding(Tensor words) implements Embedding {
  @Override
  public Tensor embed(Pass pass) {
    Tensor x = pass.tokenRows(words.cols());
    pass.kernels().fill(0, x);
    pass.kernels().addEmbedding(words, pass.batch().ids(), x);
    return x;
  }
}
