package org.lorica.tensor.vector;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Sums of rounded doubles in 64-bit integers, at the speed of memory. */
public final class VectorSums {
  private static final VectorSpecies<Double> LANES = DoubleVector.SPECIES_PREFERRED;
  private static final double MAGIC =
      0x1.8p52; // adding it rounds |x| <= 2^51 to an integer, half to even, in the low bits
  private static final long MAGIC_BITS = Double.doubleToRawLongBits(MAGIC);

  private VectorSums() {}

  /** Greatest magnitude among values[from, to); NaN or infinite if one is. */
  public static double greatestMagnitude(double[] values, int from, int to) {
    DoubleVector top = DoubleVector.zero(LANES);
    int i = from;
    for (int end = from + LANES.loopBound(to - from); i < end; i += LANES.length()) {
      top = top.max(DoubleVector.fromArray(LANES, values, i).abs());
    }
    double greatest = top.reduceLanes(VectorOperators.MAX);
    for (; i < to; i++) {
      greatest = Math.max(greatest, Math.abs(values[i]));
    }
    return greatest;
  }

  /**
   * totals[at + i − from] += rint(values[i]·weight·grid) for i in [from, to), where each is at most
   * 2^51 in magnitude and grid is a power of 2.
   *
   * @return a negative number if a total overflowed
   */
  public static long addRounded(
      double[] values, int from, int to, Scale scale, long[] totals, int at) {
    DoubleVector weight = DoubleVector.broadcast(LANES, scale.weight());
    DoubleVector grid = DoubleVector.broadcast(LANES, scale.grid());
    DoubleVector magic = DoubleVector.broadcast(LANES, MAGIC);
    LongVector bits = magic.reinterpretAsLongs();
    LongVector overflow = bits.lanewise(VectorOperators.XOR, bits);
    int i = from;
    for (int end = from + LANES.loopBound(to - from); i < end; i += LANES.length()) {
      DoubleVector x = DoubleVector.fromArray(LANES, values, i).mul(weight).mul(grid);
      LongVector term = x.add(magic).reinterpretAsLongs().sub(bits);
      LongVector total = LongVector.fromArray(bits.species(), totals, at + i - from);
      LongVector next = total.add(term);
      overflow =
          overflow.or(
              next.lanewise(VectorOperators.XOR, total)
                  .and(next.lanewise(VectorOperators.XOR, term)));
      next.intoArray(totals, at + i - from);
    }
    long overflowed = overflow.reduceLanes(VectorOperators.OR);
    for (; i < to; i++) {
      double x = values[i] * scale.weight() * scale.grid();
      long term = Double.doubleToRawLongBits(x + MAGIC) - MAGIC_BITS;
      long total = totals[at + i - from];
      long next = total + term;
      overflowed |= (next ^ total) & (next ^ term);
      totals[at + i - from] = next;
    }
    return overflowed;
  }

  /** sum[i] += factor·row[i], in double. */
  public static void addScaled(double factor, Span row, double[] sum) {
    for (int i = 0; i < row.length(); i++) {
      sum[i] += factor * row.at(i);
    }
  }

  /** Factor of every value, and the grid it is rounded on, a power of 2. */
  public record Scale(double weight, double grid) {}
}
