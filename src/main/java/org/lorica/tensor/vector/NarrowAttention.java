package org.lorica.tensor.vector;

import static org.lorica.tensor.vector.VectorMath.LANES;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Attention of one head of eight values (arXiv 1706.03762), where products are too small for a
 * BLAS: a vector holds one score of as many queries, so softmax needs no sum across lanes.
 * Probabilities are not kept: the backward pass makes them again from each query's greatest score
 * and normaliser (arXiv 2205.14135). Belongs to one thread.
 */
public final class NarrowAttention {
  /** Values of a head. */
  public static final int WIDTH = Octets.WIDTH;

  private static final int BLOCK = LANES.length();
  private static final float HIDDEN = 1e30f; // below every score, and still finite
  private static final float[] DEPTHS = hiding(-HIDDEN, 0); // row h: h hidden lanes, then seen ones
  private static final float[] SEEN = hiding(0, 1);

  private static float[] hiding(float hidden, float seen) {
    float[] rows = new float[(BLOCK + 1) * BLOCK];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i % BLOCK < i / BLOCK ? hidden : seen;
    }
    return rows;
  }

  private final Octets queries = new Octets(WIDTH);
  private final Octets keys = new Octets(WIDTH);
  private final Octets values = new Octets(WIDTH);
  private final Octets out = new Octets(WIDTH); // contexts, or gradients of queries
  private final Octets dContext = new Octets(WIDTH);
  private final Octets dKeys = new Octets(BLOCK);
  private final Octets dValues = new Octets(BLOCK);
  private final float[] across = new float[WIDTH * BLOCK]; // one block's rows, transposed
  private final float[] top = new float[BLOCK];
  private final float[] inverse = new float[BLOCK];
  private float[] tile = {}; // keys × BLOCK
  private float[] slopes = {};
  private Sight sight = new Sight(1, 1, 0);
  private int keyCount;
  private Span kept; // a block's greatest scores, then its normalisers
  private int block; // first query of the present block

  /** Whether lanes suffice and the mask is one that is known here. */
  public static boolean fits(int width, int step) {
    return width == WIDTH && BLOCK >= WIDTH && (step == 0 || step == 1);
  }

  /** Floats that {@link #forward} leaves for {@link #backward}. */
  public static int kept(int queries) {
    return 2 * padded(queries);
  }

  private static int padded(int rows) {
    return (rows + BLOCK - 1) / BLOCK * BLOCK;
  }

  /** Movable rows of a head in native memory. */
  public static final class Rows {
    private final Span first = new Span();
    private int stride;
    private int count;

    /** Places {@code count} rows, {@code stride} floats apart. */
    public void set(ByteBuffer memory, int firstByte, int floatsApart, int rows) {
      first.set(memory, firstByte, WIDTH);
      stride = floatsApart;
      count = rows;
    }

    Span first() {
      return first;
    }

    int stride() {
      return stride;
    }

    int count() {
      return count;
    }
  }

  /** Queries, keys and values of a head, or their gradients. */
  public record Head(Rows queries, Rows keys, Rows values) {
    /** Rows that have to be placed before use. */
    public Head() {
      this(new Rows(), new Rows(), new Rows());
    }
  }

  /**
   * Which keys are seen: query i sees the first min(keys, visible + i·step).
   *
   * @param scale of scores
   * @param step 0 or 1
   */
  public record Sight(float scale, int visible, int step) {
    private int seenByFirst(int block, int keys) {
      return Math.max(0, Math.min(keys, visible + block * step));
    }

    private int seenByLast(int block, int keys) {
      return Math.max(0, Math.min(keys, visible + (block + BLOCK - 1) * step));
    }
  }

  private void read(Sight how, Head in) {
    sight = how;
    keyCount = in.keys().count();
    queries.read(in.queries(), sight.scale(), padded(in.queries().count()));
    keys.read(in.keys(), 1, in.keys().count());
    values.read(in.values(), 1, in.values().count());
    int wanted = padded(in.keys().count()) * BLOCK;
    if (tile.length < wanted) {
      tile = new float[wanted];
      slopes = new float[wanted];
    }
  }

  /**
   * A loop over the seen keys of the present block. They are called through one place that sees
   * many kinds, so that the compiler takes each by itself: together they exceed what it inlines,
   * and then vectors become objects.
   */
  private interface Loop {
    void over(int seen);
  }

  private final Loop[] forward = {
    seen -> queries.transpose(block, across),
    seen -> products(across, keys.array(), seen, tile),
    seen -> sink(tile, firstHidden(), seen, hidden()),
    seen -> greatest(tile, seen, top),
    seen -> exponentials(tile, seen, top),
    seen -> vanish(tile, firstHidden(), seen, hidden()),
    seen -> normalisers(tile, seen, top, inverse),
    seen -> weighted(tile, seen, values.array(), across),
    seen -> scaleRows(inverse, across),
    seen -> out.setTransposed(block, across),
    seen -> keep(),
  };

  private final Loop[] backward = {
    seen -> recall(),
    seen -> queries.transpose(block, across),
    seen -> products(across, keys.array(), seen, tile),
    seen -> sink(tile, firstHidden(), seen, hidden()),
    seen -> exponentials(tile, seen, top), // probabilities, but for the normalisers:
    seen -> vanish(tile, firstHidden(), seen, hidden()),
    seen -> dContext.scaleRows(block, inverse), // which go to what is multiplied with them
    seen -> dContext.transpose(block, across),
    seen -> products(across, values.array(), seen, slopes),
    seen -> inner(tile, slopes, seen, top),
    seen -> scaleRow(inverse, top),
    seen -> scoreGradients(tile, slopes, seen, top),
    seen -> weighted(slopes, seen, keys.array(), across),
    seen -> scaleRows(sight.scale(), across),
    seen -> out.setTransposed(block, across),
    seen -> clear(tile, slopes, seen),
    seen -> addOuter(slopes, seen, queries.array(), block * WIDTH, dKeys.array()),
    seen -> addOuter(tile, seen, dContext.array(), block * WIDTH, dValues.array()),
  };

  private void keep() {
    VectorLoops.store(FloatVector.fromArray(LANES, top, 0), kept, 2 * block);
    VectorLoops.store(FloatVector.fromArray(LANES, inverse, 0), kept, 2 * block + BLOCK);
  }

  private void recall() {
    VectorLoops.load(kept, 2 * block).intoArray(top, 0);
    VectorLoops.load(kept, 2 * block + BLOCK).intoArray(inverse, 0);
  }

  private static void run(Loop[] loops, int seen) {
    for (Loop loop : loops) {
      loop.over(seen);
    }
  }

  /** context = softmax(scale·q·kᵀ)·v; {@code left} receives what the gradient needs. */
  public void forward(Sight how, Head in, Span left, Rows context) {
    read(how, in);
    kept = left;
    int count = in.queries().count();
    out.reserve(padded(count));
    for (block = 0; block < count; block += BLOCK) {
      run(forward, sight.seenByLast(block, keyCount));
    }
    out.write(context);
  }

  /**
   * Gradients of {@link #forward}: those of queries are written, those of keys and values become
   * keep times themselves plus theirs.
   */
  public void backward(Sight how, Head in, Span left, Rows contextGradient, Gradients d) {
    read(how, in);
    kept = left;
    int count = in.queries().count();
    dContext.read(contextGradient, 1, padded(count));
    out.reserve(padded(count));
    dKeys.read(d.head().keys(), d.keep(), padded(keyCount));
    dValues.read(d.head().values(), d.keep(), padded(keyCount));
    for (block = 0; block < count; block += BLOCK) {
      run(backward, sight.seenByLast(block, keyCount));
    }
    out.write(d.head().queries());
    dKeys.write(d.head().keys());
    dValues.write(d.head().values());
  }

  /** Where gradients go, and what becomes of the keys' and values' present content. */
  public record Gradients(Head head, int keep) {}

  /** tile[j] = Σ_d across[d]·rows[j][d]. */
  private static void products(float[] across, float[] rows, int count, float[] tile) {
    FloatVector x0 = FloatVector.fromArray(LANES, across, 0);
    FloatVector x1 = FloatVector.fromArray(LANES, across, BLOCK);
    FloatVector x2 = FloatVector.fromArray(LANES, across, 2 * BLOCK);
    FloatVector x3 = FloatVector.fromArray(LANES, across, 3 * BLOCK);
    FloatVector x4 = FloatVector.fromArray(LANES, across, 4 * BLOCK);
    FloatVector x5 = FloatVector.fromArray(LANES, across, 5 * BLOCK);
    FloatVector x6 = FloatVector.fromArray(LANES, across, 6 * BLOCK);
    FloatVector x7 = FloatVector.fromArray(LANES, across, 7 * BLOCK);
    for (int j = 0; j < count; j++) {
      int at = j * WIDTH;
      FloatVector s = x0.mul(FloatVector.broadcast(LANES, rows[at]));
      s = x1.fma(FloatVector.broadcast(LANES, rows[at + 1]), s);
      s = x2.fma(FloatVector.broadcast(LANES, rows[at + 2]), s);
      s = x3.fma(FloatVector.broadcast(LANES, rows[at + 3]), s);
      s = x4.fma(FloatVector.broadcast(LANES, rows[at + 4]), s);
      s = x5.fma(FloatVector.broadcast(LANES, rows[at + 5]), s);
      s = x6.fma(FloatVector.broadcast(LANES, rows[at + 6]), s);
      s = x7.fma(FloatVector.broadcast(LANES, rows[at + 7]), s);
      s.intoArray(tile, j * BLOCK);
    }
  }

  /** First key that some query of the block does not see, if later ones do. */
  private int firstHidden() {
    return sight.step() == 0 ? Integer.MAX_VALUE : sight.seenByFirst(block, keyCount);
  }

  /** How many queries of the block, the first ones, do not see that key. */
  private int hidden() {
    return firstHidden() - sight.visible() - block + 1;
  }

  /** Scores of hidden keys sink below all others. */
  private static void sink(float[] tile, int from, int to, int hidden) {
    int row = hidden * BLOCK;
    for (int j = from; j < to; j++, row += BLOCK) {
      FloatVector depth = FloatVector.fromArray(LANES, DEPTHS, row);
      FloatVector.fromArray(LANES, tile, j * BLOCK).add(depth).intoArray(tile, j * BLOCK);
    }
  }

  /** Exponentials of hidden keys become 0. */
  private static void vanish(float[] tile, int from, int to, int hidden) {
    int row = hidden * BLOCK;
    for (int j = from; j < to; j++, row += BLOCK) {
      FloatVector seen = FloatVector.fromArray(LANES, SEEN, row);
      FloatVector.fromArray(LANES, tile, j * BLOCK).mul(seen).intoArray(tile, j * BLOCK);
    }
  }

  /** Each lane's greatest score. */
  private static void greatest(float[] tile, int count, float[] top) {
    IntVector most = FloatVector.broadcast(LANES, -HIDDEN).reinterpretAsInts();
    most = VectorMath.ordered(most);
    for (int j = 0; j < count; j++) {
      most =
          most.max(
              VectorMath.ordered(
                  FloatVector.fromArray(LANES, tile, j * BLOCK).reinterpretAsInts()));
    }
    VectorMath.ordered(most).reinterpretAsFloats().intoArray(top, 0);
  }

  /** tile = e^(tile − top). */
  private static void exponentials(float[] tile, int count, float[] top) {
    FloatVector greatest = FloatVector.fromArray(LANES, top, 0);
    for (int j = 0; j < count; j++) {
      FloatVector below = greatest.sub(FloatVector.fromArray(LANES, tile, j * BLOCK));
      VectorMath.expOfMinus(below).intoArray(tile, j * BLOCK);
    }
  }

  /** inverse = 1/Σ tile; not a number where top is not finite, which exponentials hide. */
  private static void normalisers(float[] tile, int count, float[] top, float[] inverse) {
    FloatVector greatest = FloatVector.fromArray(LANES, top, 0);
    FloatVector sum = greatest.sub(greatest);
    for (int j = 0; j < count; j++) {
      sum = sum.add(FloatVector.fromArray(LANES, tile, j * BLOCK));
    }
    FloatVector.broadcast(LANES, 1f).div(sum).intoArray(inverse, 0);
  }

  /** across[d] = Σ_j tile[j]·rows[j][d]. */
  private static void weighted(float[] tile, int count, float[] rows, float[] across) {
    FloatVector s0 = FloatVector.zero(LANES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    for (int j = 0; j < count; j++) {
      int at = j * WIDTH;
      FloatVector w = FloatVector.fromArray(LANES, tile, j * BLOCK);
      s0 = w.fma(FloatVector.broadcast(LANES, rows[at]), s0);
      s1 = w.fma(FloatVector.broadcast(LANES, rows[at + 1]), s1);
      s2 = w.fma(FloatVector.broadcast(LANES, rows[at + 2]), s2);
      s3 = w.fma(FloatVector.broadcast(LANES, rows[at + 3]), s3);
      s4 = w.fma(FloatVector.broadcast(LANES, rows[at + 4]), s4);
      s5 = w.fma(FloatVector.broadcast(LANES, rows[at + 5]), s5);
      s6 = w.fma(FloatVector.broadcast(LANES, rows[at + 6]), s6);
      s7 = w.fma(FloatVector.broadcast(LANES, rows[at + 7]), s7);
    }
    s0.intoArray(across, 0);
    s1.intoArray(across, BLOCK);
    s2.intoArray(across, 2 * BLOCK);
    s3.intoArray(across, 3 * BLOCK);
    s4.intoArray(across, 4 * BLOCK);
    s5.intoArray(across, 5 * BLOCK);
    s6.intoArray(across, 6 * BLOCK);
    s7.intoArray(across, 7 * BLOCK);
  }

  private static void scaleRows(float[] factors, float[] across) {
    FloatVector factor = FloatVector.fromArray(LANES, factors, 0);
    for (int d = 0; d < WIDTH; d++) {
      FloatVector.fromArray(LANES, across, d * BLOCK).mul(factor).intoArray(across, d * BLOCK);
    }
  }

  private static void scaleRow(float[] factors, float[] row) {
    FloatVector.fromArray(LANES, row, 0)
        .mul(FloatVector.fromArray(LANES, factors, 0))
        .intoArray(row, 0);
  }

  private static void scaleRows(float factor, float[] across) {
    for (int d = 0; d < WIDTH; d++) {
      FloatVector.fromArray(LANES, across, d * BLOCK).mul(factor).intoArray(across, d * BLOCK);
    }
  }

  /** sums = Σ_j p[j]·dp[j]. */
  private static void inner(float[] p, float[] dp, int count, float[] sums) {
    FloatVector sum = FloatVector.zero(LANES);
    for (int at = 0; at < count * BLOCK; at += BLOCK) {
      sum = FloatVector.fromArray(LANES, p, at).fma(FloatVector.fromArray(LANES, dp, at), sum);
    }
    sum.intoArray(sums, 0);
  }

  /** dp becomes p·(dp − sums). */
  private static void scoreGradients(float[] p, float[] dp, int count, float[] sums) {
    FloatVector sum = FloatVector.fromArray(LANES, sums, 0);
    for (int at = 0; at < count * BLOCK; at += BLOCK) {
      FloatVector d = FloatVector.fromArray(LANES, dp, at).sub(sum);
      d.mul(FloatVector.fromArray(LANES, p, at)).intoArray(dp, at);
    }
  }

  /** The rest of the last group of four keys, which {@link #addOuter} reads. */
  private static void clear(float[] tile, float[] slopes, int from) {
    int to = (from + 3) / 4 * 4 * BLOCK;
    for (int i = from * BLOCK; i < to; i++) {
      tile[i] = 0;
      slopes[i] = 0;
    }
  }

  /**
   * sums[j] += Σ_lane tile[j][lane]·rows[lane], rows from {@code first} on, four keys at once.
   * Lanes beyond a row's eight values hold nothing of use.
   */
  private static void addOuter(float[] tile, int count, float[] rows, int first, float[] sums) {
    for (int j = 0; j < count; j += 4) {
      int at = j * BLOCK;
      FloatVector s0 = FloatVector.fromArray(LANES, sums, j * BLOCK);
      FloatVector s1 = FloatVector.fromArray(LANES, sums, (j + 1) * BLOCK);
      FloatVector s2 = FloatVector.fromArray(LANES, sums, (j + 2) * BLOCK);
      FloatVector s3 = FloatVector.fromArray(LANES, sums, (j + 3) * BLOCK);
      for (int lane = 0; lane < BLOCK; lane++) {
        FloatVector x = FloatVector.fromArray(LANES, rows, first + lane * WIDTH);
        s0 = x.fma(FloatVector.broadcast(LANES, tile[at + lane]), s0);
        s1 = x.fma(FloatVector.broadcast(LANES, tile[at + BLOCK + lane]), s1);
        s2 = x.fma(FloatVector.broadcast(LANES, tile[at + 2 * BLOCK + lane]), s2);
        s3 = x.fma(FloatVector.broadcast(LANES, tile[at + 3 * BLOCK + lane]), s3);
      }
      s0.intoArray(sums, j * BLOCK);
      s1.intoArray(sums, (j + 1) * BLOCK);
      s2.intoArray(sums, (j + 2) * BLOCK);
      s3.intoArray(sums, (j + 3) * BLOCK);
    }
  }
}
