package org.lorica.data;

/** A record as far as splitting and dealing out to clients look at it. */
public interface Labelled {

  /** Class index, or {@link Example#NO_LABEL}. */
  int label();

  /** The natural client's name, empty where there is none. */
  String client();
}
