package org.lorica.privacy;

/**
 * Which neighbour the upper distribution belongs to. The two are accounted for apart and never
 * convolved with each other; ε is the greater of both.
 */
enum Direction {
  /** The upper distribution has the record, the lower one lacks it. */
  REMOVE,
  /** The lower distribution has the record. */
  ADD
}
