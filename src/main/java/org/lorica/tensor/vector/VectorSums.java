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
  private static final int MANTISSA = 52; // bits

  private VectorSums() {}

  /** Whether terms were added, and what stopped them otherwise. */
  public enum Added {
    ALL,
    /** A value is too large or not finite; the totals are what they were. */
    NONE,
    /** A total overflowed. */
    OVERFLOWED
  }

  /**
   * totals[at + i − from] += rint(values[i]·scale) for i in [from, to), if each term is at most
   * 2^51 in magnitude.
   *
   * @param scale a weight times a power of 2
   */
  public static Added addRounded(
      double[] values, int from, int to, double scale, long[] totals, int at) {
    DoubleVector scales = DoubleVector.broadcast(LANES, scale);
    DoubleVector magic = DoubleVector.broadcast(LANES, MAGIC);
    LongVector bits = magic.reinterpretAsLongs();
    LongVector overflow = bits.lanewise(VectorOperators.XOR, bits);
    LongVector outside = overflow;
    int shift = at - from;
    int i = from;
    for (int end = from + LANES.loopBound(to - from); i < end; i += LANES.length()) {
      LongVector sum =
          DoubleVector.fromArray(LANES, values, i).mul(scales).add(magic).reinterpretAsLongs();
      outside = outside.or(sum.lanewise(VectorOperators.XOR, bits));
      LongVector term = sum.sub(bits);
      LongVector total = LongVector.fromArray(bits.species(), totals, i + shift);
      LongVector next = total.add(term);
      overflow =
          overflow.or(
              next.lanewise(VectorOperators.XOR, total)
                  .and(next.lanewise(VectorOperators.XOR, term)));
      next.intoArray(totals, i + shift);
    }
    long overflowed = overflow.reduceLanes(VectorOperators.OR);
    long wrong = outside.reduceLanes(VectorOperators.OR);
    for (; i < to; i++) {
      long sum = Double.doubleToRawLongBits(values[i] * scale + MAGIC);
      wrong |= sum ^ MAGIC_BITS;
      long term = sum - MAGIC_BITS;
      long total = totals[i + shift];
      long next = total + term;
      overflowed |= (next ^ total) & (next ^ term);
      totals[i + shift] = next;
    }
    if (wrong >>> MANTISSA != 0) { // another exponent than MAGIC's: the term was no integer
      takeBack(values, from, to, scale, totals, shift);
      return Added.NONE;
    }
    return overflowed < 0 ? Added.OVERFLOWED : Added.ALL;
  }

  /** Integers come back exactly, whatever was added. */
  private static void takeBack(
      double[] values, int from, int to, double scale, long[] totals, int shift) {
    for (int i = from; i < to; i++) {
      totals[i + shift] -= Double.doubleToRawLongBits(values[i] * scale + MAGIC) - MAGIC_BITS;
    }
  }

  /** sum[i] += factor·row[i], in double. */
  public static void addScaled(double factor, Span row, double[] sum) {
    for (int i = 0; i < row.length(); i++) {
      sum[i] += factor * row.at(i);
    }
  }
}
