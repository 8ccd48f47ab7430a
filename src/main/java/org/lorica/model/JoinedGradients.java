package org.lorica.model;

import java.util.Arrays;
import java.util.List;

/** Gradients of consecutive parts of one batch. */
final class JoinedGradients implements PerExampleGradients {
  private final List<PerExampleGradients> parts;

  JoinedGradients(List<PerExampleGradients> parts) {
    this.parts = List.copyOf(parts);
  }

  @Override
  public int examples() {
    return parts.stream().mapToInt(PerExampleGradients::examples).sum();
  }

  @Override
  public double loss(int example) {
    int index = example;
    for (PerExampleGradients part : parts) {
      if (index < part.examples()) {
        return part.loss(index);
      }
      index -= part.examples();
    }
    throw new IndexOutOfBoundsException(example);
  }

  @Override
  public double norm(int example) {
    int index = example;
    for (PerExampleGradients part : parts) {
      if (index < part.examples()) {
        return part.norm(index);
      }
      index -= part.examples();
    }
    throw new IndexOutOfBoundsException(example);
  }

  @Override
  public void addScaledTo(double[] factors, double[] sum) {
    if (factors.length != examples()) {
      throw new IllegalArgumentException(
          "factors must have " + examples() + " elements, got " + factors.length);
    }
    int from = 0;
    for (PerExampleGradients part : parts) {
      int to = from + part.examples();
      part.addScaledTo(Arrays.copyOfRange(factors, from, to), sum);
      from = to;
    }
  }
}
