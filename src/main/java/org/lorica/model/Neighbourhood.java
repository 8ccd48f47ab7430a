package org.lorica.model;

import org.lorica.tensor.Tensor;

/** Which rows attend to each other, and in which order they stand while they do. */
interface Neighbourhood {

  /** The pass whose rows are this layer's tokens, a range an example. */
  Pass tokens(Pass pass);

  /** The pass whose rows are the tokens as attention wants them, a range an example. */
  Pass arranged(Pass pass);

  /** The same rows, a range for what attends to each other. */
  Pass groups(Pass pass);

  /** From tokens to arranged rows; rows without a token are 0. Also the gradient of restore. */
  Tensor arrange(Pass pass, Tensor rows);

  /** From arranged rows to tokens. Also the gradient of arrange. */
  Tensor restore(Pass pass, Tensor rows);

  /** All tokens of an example, as they stand. */
  final class WholeExample implements Neighbourhood {
    @Override
    public Pass tokens(Pass pass) {
      return pass;
    }

    @Override
    public Pass arranged(Pass pass) {
      return pass;
    }

    @Override
    public Pass groups(Pass pass) {
      return pass;
    }

    @Override
    public Tensor arrange(Pass pass, Tensor rows) {
      return rows;
    }

    @Override
    public Tensor restore(Pass pass, Tensor rows) {
      return rows;
    }
  }
}
