package org.lorica.data;

import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.lorica.random.RandomKey;

/**
 * Which client holds which records. Clients are described, not kept: {@link #of} may compute its
 * answer from a key and the client's number.
 */
public interface Partition {

  /** Number of clients. */
  int clients();

  /** Number of records of a client. */
  int size(int client);

  /** Indices of a client's records, ascending, each once. */
  List<Integer> of(int client);

  /** Whether a record may belong to several clients. */
  default boolean overlapping() {
    return false;
  }

  /** Every size that some client has, each once. */
  default IntStream sizes() {
    return IntStream.range(0, clients()).parallel().map(this::size).distinct();
  }

  /** Records over all clients. */
  default long records() {
    return IntStream.range(0, clients()).parallel().mapToLong(this::size).sum();
  }

  /**
   * The first {@code clients} clients, each with its first {@code maxExamples} records at most; 0
   * means no limit.
   */
  default Partition limited(int clients, int maxExamples) {
    int count = clients == 0 ? clients() : clients;
    if (count > clients()) {
      throw new IllegalArgumentException(
          "clients.count must be <= "
              + clients()
              + ", the natural clients there are, got "
              + count);
    }
    return count == clients() && maxExamples == 0
        ? this
        : new LimitedPartition(this, count, maxExamples, LimitedPartition.FIRST);
  }

  /** Every client with at most {@code maxExamples} records, chosen at random; 0 means no limit. */
  default Partition capped(int maxExamples, RandomKey root) {
    return maxExamples == 0
        ? this
        : new LimitedPartition(
            this, clients(), maxExamples, new LimitedPartition.Subset.Random(root));
  }

  /** Throws unless every client can have {@code each} of {@code records} records of its own. */
  static void requireEnough(int records, int clients, int each) {
    if (each > records) {
      throw new IllegalArgumentException(
          "clients.min-examples and clients.classes-per-client must be <= "
              + records
              + ", the records there are, got "
              + each);
    }
    if (clients <= 0 || (long) clients * each > records) {
      throw new IllegalArgumentException(
          "clients.count must be 1 to "
              + records / Math.max(1, each)
              + " for "
              + records
              + " records with at least "
              + each
              + " each, got "
              + clients
              + "; clients.records = shared lets clients hold the same records");
    }
  }

  /** Indices of {@code count} records, ascending. */
  static List<Integer> sorted(int count, IntUnaryOperator record) {
    return IntStream.range(0, count).map(record).sorted().boxed().toList();
  }
}
