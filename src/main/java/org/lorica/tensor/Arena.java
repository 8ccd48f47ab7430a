package org.lorica.tensor;

import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Memory off the heap, the host's or a device's, reserved in blocks and handed out in stack order.
 * One arena belongs to one thread; after the first step of a given size no further block is
 * reserved.
 */
public final class Arena {
  private static final int ALIGNMENT = 16; // elements: one cache line of floats
  private static final int SMALLEST_BLOCK = 1 << 18;
  private static final int LARGEST_BLOCK = 1 << 27;

  private static final Cleaner CLEANER = Cleaner.create();
  private static final LongAdder RESERVED = new LongAdder();

  private final AtomicLong reserved = new AtomicLong();
  private final Precision precision;
  private final Memory memory;
  private final List<Block> blocks = new ArrayList<>();
  private TensorPool tensors; // null: every tensor is an object of its own
  private int current = 0;
  private int used = 0;

  /** An arena of the host's memory. */
  public Arena(Precision precision) {
    this(precision, new HostMemory());
  }

  public Arena(Precision precision, Memory memory) {
    this.precision = precision;
    this.memory = memory;
    AtomicLong mine = reserved; // not the arena itself, which could then never be collected
    CLEANER.register(this, () -> RESERVED.add(-mine.get()));
  }

  /**
   * From now on tensors are handed out again after {@link #release} and {@link #reset}, as memory
   * is, and so are their views: for what is computed anew in every step.
   */
  public Arena reusingTensors() {
    tensors = new TensorPool(TensorPool.GivenBack.REUSED);
    return this;
  }

  /** As {@link #reusingTensors}, but a tensor that was given back fails at its next use. */
  Arena closingTensors() {
    tensors = new TensorPool(TensorPool.GivenBack.CLOSED);
    return this;
  }

  /** Bytes reserved off the heap by all arenas of this JVM that are still in use. */
  public static long reservedBytesOfAll() {
    return RESERVED.sum();
  }

  public Precision precision() {
    return precision;
  }

  /**
   * A rows × cols tensor of unspecified content.
   *
   * @throws DeviceMemoryException if a device has no more memory
   */
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
      blocks.add(reserve(padded));
      used = 0;
    }
    Tensor tensor = tensor(blocks.get(current), used, rows, cols);
    used += padded;
    return tensor;
  }

  private Tensor tensor(Block block, int first, int rows, int cols) {
    if (tensors == null) {
      return new Tensor(block, first, rows, cols);
    }
    Tensor tensor = tensors.next();
    tensor.place(block, first, rows, cols, cols);
    return tensor;
  }

  /**
   * The same matrix as a tensor of this arena, from which its views come then: for views of a
   * model's weights that are taken in every step.
   */
  public Tensor borrow(Tensor other) {
    return tensors == null ? other : other.as(tensors.next());
  }

  private Block reserve(int padded) {
    int generous = Math.max(padded, nextBlockSize());
    Block block;
    try {
      block = memory.reserve(precision, generous);
    } catch (DeviceMemoryException full) {
      if (generous == padded) {
        throw full;
      }
      block = memory.reserve(precision, padded);
    }
    count(bytes(block));
    return block;
  }

  private long bytes(Block block) {
    return (long) block.elements() * precision.bytes();
  }

  private void count(long bytes) {
    reserved.addAndGet(bytes);
    RESERVED.add(bytes);
  }

  private int nextBlockSize() {
    long held = blocks.stream().mapToLong(Block::elements).sum();
    return (int) Math.min(LARGEST_BLOCK, Math.max(SMALLEST_BLOCK, held));
  }

  /** The present fill level, to be given back to {@link #release}. */
  public Mark mark() {
    return new Mark(current, used, tensors == null ? 0 : tensors.used());
  }

  /** Gives back all that was allocated after the mark; its tensors must no longer be used. */
  public void release(Mark mark) {
    current = mark.block();
    used = mark.used();
    giveBackTensors(mark.tensors());
  }

  /** Gives back everything; the memory stays reserved for the next step. */
  public void reset() {
    current = 0;
    used = 0;
    giveBackTensors(0);
  }

  private void giveBackTensors(int handedOut) {
    if (tensors != null) {
      tensors.release(handedOut);
    }
  }

  /**
   * Gives everything back, the memory too, so that a smaller step finds it in one piece. No tensor
   * of this arena may be used any more.
   */
  public void free() {
    for (Block block : blocks) {
      block.free();
      count(-bytes(block));
    }
    blocks.clear();
    reset();
  }

  /** Bytes that can still be reserved, as {@link Memory#available} has it. */
  public long availableBytes(long wanted) {
    return memory.available(wanted);
  }

  /** Bytes reserved off the heap. */
  public long reservedBytes() {
    return reserved.get();
  }

  /** A fill level of an arena. */
  public record Mark(int block, int used, int tensors) {}
}
