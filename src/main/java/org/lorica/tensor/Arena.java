package org.lorica.tensor;

import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Off-heap memory reserved in blocks and handed out in stack order. One arena belongs to one
 * thread; after the first step of a given size no further block is reserved.
 */
public final class Arena {
  private static final int ALIGNMENT = 16; // elements: one cache line of floats
  private static final int SMALLEST_BLOCK = 1 << 18;
  private static final int LARGEST_BLOCK = 1 << 27;

  private static final Cleaner CLEANER = Cleaner.create();
  private static final LongAdder RESERVED = new LongAdder();

  private final AtomicLong reserved = new AtomicLong();
  private final Precision precision;
  private final List<Block> blocks = new ArrayList<>();
  private int current = 0;
  private int used = 0;

  public Arena(Precision precision) {
    this.precision = precision;
    AtomicLong mine = reserved; // not the arena itself, which could then never be collected
    CLEANER.register(this, () -> RESERVED.add(-mine.get()));
  }

  /** Bytes reserved off the heap by all arenas of this JVM that are still in use. */
  public static long reservedBytesOfAll() {
    return RESERVED.sum();
  }

  public Precision precision() {
    return precision;
  }

  /** A rows × cols tensor of unspecified content. */
  public Tensor allocate(int rows, int cols) {
    if (rows < 0 || cols < 0) {
      throw new IllegalArgumentException(
          "a tensor's shape must be >= 0, got " + rows + " x " + cols);
    }
    int wanted = Math.max(1, Math.multiplyExact(rows, cols));
    int padded = Math.addExact(wanted, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    while (current < blocks.size() && blocks.get(current).elements() - used < padded) {
      current++;
      used = 0;
    }
    if (current == blocks.size()) {
      Block block = new Block(precision, Math.max(padded, nextBlockSize()));
      blocks.add(block);
      long bytes = (long) block.elements() * precision.bytes();
      reserved.addAndGet(bytes);
      RESERVED.add(bytes);
      used = 0;
    }
    Tensor tensor = new Tensor(blocks.get(current), used, rows, cols);
    used += padded;
    return tensor;
  }

  private int nextBlockSize() {
    long held = blocks.stream().mapToLong(Block::elements).sum();
    return (int) Math.min(LARGEST_BLOCK, Math.max(SMALLEST_BLOCK, held));
  }

  /** The present fill level, to be given back to {@link #release}. */
  public Mark mark() {
    return new Mark(current, used);
  }

  /** Gives back all that was allocated after the mark; its tensors must no longer be used. */
  public void release(Mark mark) {
    current = mark.block();
    used = mark.used();
  }

  /** Gives back everything; the memory stays reserved for the next step. */
  public void reset() {
    current = 0;
    used = 0;
  }

  /** Bytes reserved off the heap. */
  public long reservedBytes() {
    return reserved.get();
  }

  /** A fill level of an arena. */
  public record Mark(int block, int used) {}
}
