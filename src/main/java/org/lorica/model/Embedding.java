package org.lorica.model;

import org.lorica.tensor.Tensor;

/** What stands below the first layer. */
interface Embedding {

  /** Token rows for the first layer. */
  Tensor embed(Pass pass);
}
