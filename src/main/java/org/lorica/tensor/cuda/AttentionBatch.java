package org.lorica.tensor.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.lorica.tensor.Arena;
import org.lorica.tensor.Attending;
import org.lorica.tensor.AttendingGradient;
import org.lorica.tensor.AttentionHead;
import org.lorica.tensor.Move;
import org.lorica.tensor.Product;
import org.lorica.tensor.Tensor;

/**
 * Attention of all heads of all examples at once: a product is one call for every shape, a softmax
 * one launch. Head by head, a card would wait for launches most of the time.
 */
final class AttentionBatch {
  private static final int FIELDS = 8; // of Scores in kernels.cu
  private static final int MOST = 65_535; // the bound of a grid's y

  private final CudaKernels kernels;

  AttentionBatch(CudaKernels kernels) {
    this.kernels = kernels;
  }

  void attend(List<Attending> heads) {
    byScale(heads, Attending::scores)
        .forEach(
            (scale, some) -> {
              kernels.gemmEach(
                  scale,
                  some.stream()
                      .map(h -> new Product(h.in().queries(), h.in().keys().t(), h.p()))
                      .toList(),
                  0);
              scores(
                  "softmaxEach",
                  some.stream().map(h -> new Rows(h.scores(), h.p(), h.p())).toList());
            });
    kernels.gemmEach(
        1, heads.stream().map(h -> new Product(h.p(), h.in().values(), h.context())).toList(), 0);
  }

  void attendGradient(List<AttendingGradient> heads, Arena arena) {
    Arena.Mark mark = arena.mark();
    byScale(heads, AttendingGradient::scores)
        .forEach((scale, some) -> attendGradient(scale, some, arena));
    arena.release(mark);
  }

  private void attendGradient(double scale, List<AttendingGradient> heads, Arena arena) {
    List<Rows> ds = new ArrayList<>();
    List<Product> ofScores = new ArrayList<>();
    List<Product> ofQueries = new ArrayList<>();
    for (AttendingGradient head : heads) {
      Tensor p = head.attended().p();
      Tensor own = arena.allocate(p.rows(), p.cols());
      ds.add(new Rows(head.scores(), p, own));
      AttentionHead in = head.attended().in();
      ofScores.add(new Product(head.attended().dContext(), in.values().t(), own));
      ofQueries.add(new Product(own, in.keys(), head.d().queries()));
    }
    kernels.gemmEach(1, ofScores, 0);
    scores("softmaxGradientEach", ds);
    kernels.gemmEach(scale, ofQueries, 0);
    TreeMap<Integer, List<Integer>> turns = new TreeMap<>();
    for (int i = 0; i < heads.size(); i++) {
      turns.computeIfAbsent(heads.get(i).turn(), t -> new ArrayList<>()).add(i);
    }
    turns.forEach(
        (turn, some) -> {
          int keep = turn == 0 ? 0 : 1;
          List<Product> ofValues = new ArrayList<>();
          List<Product> ofKeys = new ArrayList<>();
          for (int i : some) {
            AttendingGradient head = heads.get(i);
            Tensor p = head.attended().p();
            ofValues.add(new Product(p.t(), head.attended().dContext(), head.d().values()));
            ofKeys.add(
                new Product(ds.get(i).dp().t(), head.attended().in().queries(), head.d().keys()));
          }
          kernels.gemmEach(1, ofValues, keep);
          kernels.gemmEach(scale, ofKeys, keep);
        });
  }

  /** Every row of each matrix becomes its softmax. */
  void softmax(List<Tensor> all) {
    scores("softmaxEach", all.stream().map(p -> new Rows(whole(p), p, p)).toList());
  }

  void softmaxGradient(List<Move> all) {
    scores(
        "softmaxGradientEach",
        all.stream().map(each -> new Rows(whole(each.from()), each.from(), each.to())).toList());
  }

  private static AttentionHead.Scores whole(Tensor p) {
    return new AttentionHead.Scores(1, p.cols(), 0);
  }

  private static <T> Map<Double, List<T>> byScale(
      List<T> heads, Function<T, AttentionHead.Scores> scores) {
    return heads.stream()
        .collect(
            Collectors.groupingBy(h -> scores.apply(h).scale(), TreeMap::new, Collectors.toList()));
  }

  /** One head's probabilities and their gradients. */
  private record Rows(AttentionHead.Scores scores, Tensor p, Tensor dp) {}

  private void scores(String kernel, List<Rows> all) {
    for (int from = 0; from < all.size(); from += MOST) {
      some(kernel, all.subList(from, Math.min(all.size(), from + MOST)));
    }
  }

  private void some(String kernel, List<Rows> some) {
    long[] fields = new long[FIELDS * some.size()];
    int rows = 0;
    int cols = 0;
    int at = 0;
    for (Rows each : some) {
      fields[at++] = Arguments.address(each.p());
      fields[at++] = each.p().stride();
      fields[at++] = Arguments.address(each.dp());
      fields[at++] = each.dp().stride();
      fields[at++] = each.p().rows();
      fields[at++] = each.p().cols();
      fields[at++] = each.scores().visible();
      fields[at++] = each.scores().step();
      rows = Math.max(rows, each.p().rows());
      cols = Math.max(cols, each.p().cols());
    }
    if (rows > 0 && cols > 0) {
      kernels.lane().structures(kernel, Grid.rows(rows, cols).times(some.size()), fields);
    }
  }
}
