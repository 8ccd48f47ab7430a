package org.lorica.model;

import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * BERT's embedding: words + positions + segments, normalised.
 *
 * @param words vocabulary × width
 * @param positions longest sequence × width
 * @param types segments × width
 */
record BertEmbedding(Tensor words, Tensor positions, Tensor types, Norm norm) implements Embedding {
  @Override
  public Tensor embed(Pass pass) {
    Kernels kernels = pass.kernels();
    for (int segment : pass.batch().segments()) {
      TransformerWorker.requireBelow(types.rows(), segment, "a token's segment (token_type_id)");
    }
    Tensor sum = pass.tokenRows(words.cols());
    kernels.fill(0, sum);
    kernels.addEmbedding(words, pass.batch().ids(), sum);
    kernels.addEmbedding(positions, pass.batch().positions(), sum);
    kernels.addEmbedding(types, pass.batch().segments(), sum);
    Tensor x = pass.tokenRows(words.cols());
    kernels.layerNorm(sum, norm, x, pass.tokenRows(2));
    return x;
  }
}
