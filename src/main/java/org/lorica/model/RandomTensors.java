package org.lorica.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lorica.data.SafeTensors;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/** Tensors of a model that was never trained; a tensor's draws follow from the key and its name. */
final class RandomTensors {
  private final RandomKey key;
  private final Map<String, SafeTensors.Entry> entries = new LinkedHashMap<>();

  RandomTensors(RandomKey key) {
    this.key = key.with(Purpose.MODEL_INIT);
  }

  /** The key that the tensors are drawn by. */
  RandomKey key() {
    return key;
  }

  Map<String, SafeTensors.Entry> entries() {
    return entries;
  }

  /** Weight (out × in) of N(0, 1/in), which keeps random features lively in a shallow net. */
  void weight(String name, int out, int in) {
    gaussian(name, List.of(out, in), 1 / Math.sqrt(in));
  }

  /** {@code name.weight} as above, and a {@code name.bias} of 0. */
  void linear(String name, int out, int in) {
    weight(name + ".weight", out, in);
    constant(name + ".bias", out, 0);
  }

  /** A norm's weight of 1 and bias of 0. */
  void norm(String name, int width) {
    constant(name + ".weight", width, 1);
    constant(name + ".bias", width, 0);
  }

  void gaussian(String name, List<Integer> shape, double deviation) {
    double[] draws = new double[shape.stream().reduce(1, Math::multiplyExact)];
    key.with(name.hashCode()).addGaussiansInPlace(deviation, draws);
    float[] values = new float[draws.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draws[i];
    }
    entries.put(name, new SafeTensors.Entry(shape, values));
  }

  void constant(String name, int length, float value) {
    float[] values = new float[length];
    Arrays.fill(values, value);
    entries.put(name, new SafeTensors.Entry(List.of(length), values));
  }

  /** Writes {@code model.safetensors} and {@code config.json} to {@code folder}. */
  void write(Path folder, String config) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("config.json"), config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SafeTensors.write(folder.resolve("model.safetensors"), entries);
  }
}
