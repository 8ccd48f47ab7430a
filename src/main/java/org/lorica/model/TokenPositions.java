package org.lorica.model;

import java.util.OptionalInt;

/**
 * Which position embedding a token gets: BERT counts from 0; RoBERTa counts tokens other than the
 * padding token from padding + 1, and a padding token stays at its own id (arXiv 1907.11692's code,
 * as Hugging Face has it).
 *
 * @param padding RoBERTa's padding id; empty for BERT
 */
record TokenPositions(OptionalInt padding) {

  /** Rows of the position table that no token can use. */
  int unused() {
    return padding.isPresent() ? padding.getAsInt() + 1 : 0;
  }

  /** The position of every token row, in memory of the batch. */
  int[] of(RaggedBatch batch) {
    if (padding.isEmpty()) {
      return batch.positions();
    }
    int pad = padding.getAsInt();
    int[] positions = batch.integers();
    for (int e = 0; e < batch.examples(); e++) {
      int next = pad + 1;
      for (int i = batch.start(e); i < batch.start(e) + batch.length(e); i++) {
        positions[i] = batch.ids()[i] == pad ? pad : next++;
      }
    }
    return positions;
  }
}
