package org.lorica.config;

/** Whether something may go on beside something else. */
public enum Overlap {
  ON,
  OFF
}
