package org.lorica.model;

import java.util.Arrays;
import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * Swin's step from one stage to the next (arXiv 2103.14030): four neighbouring tokens side by side,
 * normalised, and projected to twice the width. Odd grids are filled up with 0.
 */
final class PatchMerging implements Block {

  /**
   * Frozen weights.
   *
   * @param rows height of the grid before, in tokens
   * @param cols width of the grid before, in tokens
   * @param norm of 4 × width
   * @param reduction 2·width × 4·width, without bias
   */
  record Weights(int rows, int cols, Norm norm, Linear reduction) {
    int width() {
      return reduction.in() / NEIGHBOURS;
    }

    int tokensAfter() {
      return (rows + 1) / 2 * ((cols + 1) / 2);
    }
  }

  private static final int NEIGHBOURS = 4;

  private final Weights weights;
  private final AdaptedLinear reduction;
  private final int[] picked; // tokens after × 4 neighbours: token before, or −1
  private final int[] places; // token before: its index in picked
  private Tensor merged; // tokens after × 4·width
  private Tensor stats;
  private Tensor dInput;

  PatchMerging(Weights weights, AdapterLayout layout) {
    this.weights = weights;
    this.reduction = new AdaptedLinear(weights.reduction(), layout);
    this.picked = new int[weights.tokensAfter() * NEIGHBOURS];
    this.places = new int[weights.rows() * weights.cols()];
    Arrays.fill(picked, -1);
    int across = (weights.cols() + 1) / 2;
    for (int token = 0; token < places.length; token++) {
      int y = token / weights.cols();
      int x = token % weights.cols();
      // Upper left, lower left, upper right, lower right.
      int neighbour = y % 2 + 2 * (x % 2);
      places[token] = (y / 2 * across + x / 2) * NEIGHBOURS + neighbour;
      picked[places[token]] = token;
    }
  }

  private Pass after(Pass pass) {
    return pass.over(RowRanges.equal(pass.batch().examples(), weights.tokensAfter()));
  }

  @Override
  public boolean trains(Pass pass) {
    return reduction.trains(pass);
  }

  @Override
  public Tensor forward(Pass worker, Tensor x) {
    Pass pass = after(worker);
    Kernels kernels = pass.kernels();
    Tensor memory = pass.allocate(1, pass.ranges().rows() * weights.reduction().in());
    Gather.into(pass, x, picked, neighbours(memory));
    merged = side(memory);
    stats = pass.tokenRows(2);
    Tensor normed = pass.tokenRows(merged.cols());
    kernels.normalise(merged, weights.norm(), normed, stats);
    return reduction.forward(pass, normed);
  }

  /** One row a neighbour. */
  private Tensor neighbours(Tensor memory) {
    return memory.matrixInRow(0, 0, memory.cols() / weights.width(), weights.width());
  }

  /** One row a token, its neighbours side by side. */
  private Tensor side(Tensor memory) {
    int in = weights.reduction().in();
    return memory.matrixInRow(0, 0, memory.cols() / in, in);
  }

  @Override
  public Tensor inputGradient(Pass pass, Tensor dy) {
    dInput = pass.allocate(pass.batch().examples() * places.length, weights.width());
    return dInput;
  }

  @Override
  public void backward(Pass worker, Tensor dy, Reach reach) {
    Pass pass = after(worker);
    if (reach == Reach.OWN_FACTORS) {
      reduction.backward(pass, dy);
      return;
    }
    Tensor memory = pass.allocate(1, dy.rows() * weights.reduction().in());
    Tensor dMerged = side(memory);
    reduction.backward(pass, dy, 0, dMerged);
    pass.kernels().normGradient(merged, weights.norm(), stats, dMerged, dMerged);
    Gather.into(pass, neighbours(memory), places, dInput);
  }
}
