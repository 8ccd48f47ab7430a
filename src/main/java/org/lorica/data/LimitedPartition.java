package org.lorica.data;

import java.util.List;
import java.util.stream.IntStream;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/**
 * Fewer clients, or fewer records of each.
 *
 * @param most records of a client; 0 = no limit
 */
record LimitedPartition(Partition whole, int clients, int most, Subset subset)
    implements Partition {
  static final Subset FIRST = (client, size, kept) -> IntStream.range(0, kept).boxed().toList();

  /** Which positions of a client's records are kept. */
  interface Subset {
    List<Integer> positions(int client, int size, int kept);

    /** Each subset with the same probability. */
    record Random(RandomKey root) implements Subset {
      @Override
      public List<Integer> positions(int client, int size, int kept) {
        RandomKey key = root.with(Purpose.PARTITION).with(-1).with(client);
        return Draw.distinct(key.draws(), size, kept);
      }
    }
  }

  @Override
  public int size(int client) {
    int size = whole.size(client);
    return most == 0 ? size : Math.min(most, size);
  }

  @Override
  public List<Integer> of(int client) {
    List<Integer> all = whole.of(client);
    int kept = size(client);
    return kept == all.size()
        ? all
        : subset.positions(client, all.size(), kept).stream().map(all::get).toList();
  }

  @Override
  public boolean overlapping() {
    return whole.overlapping();
  }
}
