package org.lorica.federation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.lorica.config.DataConfig;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/** Records for the clients, and held-out ones: a file of their own, or drawn from the same. */
record Split<R>(List<R> training, List<R> heldOut) {

  /**
   * Splits as the configuration says; of the held-out records at most data.max-test-examples stay.
   *
   * @param testFile reads the records of data.test, called if that is set
   */
  static <R> Split<R> of(
      DataConfig data, List<R> records, Supplier<List<R>> testFile, RandomKey key) {
    List<R> training = new ArrayList<>();
    List<R> heldOut = new ArrayList<>();
    if (data.test().isPresent()) {
      training = records;
      heldOut = testFile.get();
    } else {
      RandomKey split = key.with(Purpose.DATA_SPLIT);
      for (int i = 0; i < records.size(); i++) {
        (split.uniform(i) < data.testFraction() ? heldOut : training).add(records.get(i));
      }
    }
    if (heldOut.isEmpty()) {
      throw new IllegalArgumentException(
          "data.test-fraction = "
              + data.testFraction()
              + " left no held-out record of "
              + records.size());
    }
    return new Split<>(training, sample(heldOut, data.maxTestExamples(), key));
  }

  private static <R> List<R> sample(List<R> records, int most, RandomKey key) {
    if (most == 0 || records.size() <= most) {
      return records;
    }
    int[] order = key.with(Purpose.SHUFFLE).permutation(records.size());
    List<R> some = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      some.add(records.get(order[i]));
    }
    return some;
  }
}
