package org.lorica.lora;

import java.io.Serializable;

/**
 * A frozen linear layer that carries an adapter: y = W x with W out × in.
 *
 * @param name full name in the model, such as {@code bert.encoder.layer.0.attention.self.query}
 */
public record LoraModule(String name, int out, int in) implements Serializable {
  public LoraModule {
    if (out <= 0 || in <= 0) {
      throw new IllegalArgumentException(
          name + ": out and in must be > 0, got " + out + " x " + in);
    }
  }
}
