package org.lorica.model;

import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * The embedding of BERT and RoBERTa: words + positions + segments, normalised.
 *
 * @param words vocabulary × width
 * @param positions positions × width
 * @param types segments × width
 * @param order which position a token has
 */
record BertEmbedding(Tensor words, Tensor positions, Tensor types, Norm norm, TokenPositions order)
    implements Embedding {
  @Override
  public Tensor embed(Pass pass) {
    Kernels kernels = pass.kernels();
    Tensor sum = pass.tokenRows(words.cols());
    kernels.fill(0, sum);
    kernels.addEmbedding(words, pass.batch().ids(), sum);
    kernels.addEmbedding(positions, order.of(pass.batch()), sum);
    if (types.rows() == 1) {
      kernels.addBias(types, sum);
    } else {
      kernels.addEmbedding(types, pass.batch().segments(), sum);
    }
    Tensor x = pass.tokenRows(words.cols());
    kernels.normalise(sum, norm, x, pass.tokenRows(2));
    return x;
  }
}
