package org.lorica.spark;

import java.io.Serializable;

/**
 * What an executor tells the driver when it starts.
 *
 * @param text one line
 */
record ExecutorNotice(String executor, String host, String text) implements Serializable {
  @Override
  public String toString() {
    return "executor " + executor + " on " + host + ": " + text;
  }
}
