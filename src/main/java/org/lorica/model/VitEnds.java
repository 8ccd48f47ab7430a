package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Move;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * ViT's embedding (special tokens, then patches, plus positions), and its head: final norm, then a
 * classifier on the class token. A DeiT with teacher has a second one on the distillation token;
 * its logits are the mean of both (arXiv 2012.12877).
 */
final class VitEnds implements Ends {

  /**
   * Frozen weights.
   *
   * @param specials one row a special token: class token, then distillation token if there is one
   * @param positions one row a token
   * @param classifiers the i-th reads the i-th special token
   */
  record Weights(
      PatchEmbedding.Weights patches,
      Tensor specials,
      Tensor positions,
      Norm norm,
      List<Linear> classifiers) {}

  private final Weights weights;
  private final PatchEmbedding patches;
  private final List<HeadLinear> classifiers = new ArrayList<>();
  private final List<Tensor> rows = new ArrayList<>(); // each classifier's token before the norm
  private final List<Tensor> stats = new ArrayList<>();

  VitEnds(Weights weights, AdapterLayout layout) {
    this.weights = weights;
    this.patches = new PatchEmbedding(weights.patches());
    weights.classifiers().forEach(linear -> classifiers.add(new HeadLinear(linear, layout)));
  }

  @Override
  public Tensor embed(Pass pass) {
    Kernels kernels = pass.kernels();
    int special = weights.specials().rows();
    Tensor x = pass.tokenRows(weights.positions().cols());
    ArgumentList<Move> specials = pass.work().moves();
    for (int e = 0; e < pass.batch().examples(); e++) {
      Tensor tokens = tokens(pass, x, e);
      specials.next().set(weights.specials(), tokens.rows(0, special));
      patches.embed(pass, pass.batch().image(e), tokens.rows(special, tokens.rows() - special));
    }
    kernels.copyEach(specials);
    ArgumentList<Move> positions = pass.work().moves();
    for (int e = 0; e < pass.batch().examples(); e++) {
      positions.next().set(weights.positions(), tokens(pass, x, e));
    }
    kernels.addEach(positions);
    return x;
  }

  private static Tensor tokens(Pass pass, Tensor x, int example) {
    return x.rows(pass.batch().start(example), pass.batch().length(example));
  }

  @Override
  public int leadingRows() {
    return classifiers.size();
  }

  @Override
  public List<Tensor> predict(Pass pass, Tensor x, double[] losses) {
    Tensor logits = logits(pass, x);
    return ClassLosses.predict(pass, logits, losses);
  }

  private Tensor logits(Pass pass, Tensor x) {
    Kernels kernels = pass.kernels();
    rows.clear();
    stats.clear();
    Tensor mean = pass.allocate(pass.batch().examples(), classifiers.get(0).out());
    kernels.fill(0, mean);
    for (int token = 0; token < classifiers.size(); token++) {
      Tensor own = pass.allocate(mean.rows(), x.cols());
      ArgumentList<Move> moves = pass.work().moves();
      for (int e = 0; e < own.rows(); e++) {
        moves.next().set(x.rows(pass.batch().start(e) + token, 1), own.rows(e, 1));
      }
      kernels.copyEach(moves);
      Tensor normed = pass.allocate(own.rows(), own.cols());
      Tensor ownStats = pass.allocate(own.rows(), 2);
      kernels.normalise(own, weights.norm(), normed, ownStats);
      rows.add(own);
      stats.add(ownStats);
      Tensor logits = classifiers.get(token).forward(pass, normed);
      kernels.axpy(1.0 / classifiers.size(), logits, mean);
    }
    return mean;
  }

  @Override
  public void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx) {
    Kernels kernels = pass.kernels();
    Tensor logits = logits(pass, x);
    Tensor dMean = pass.allocate(logits.rows(), logits.cols());
    kernels.crossEntropy(logits, pass.batch().labels(), losses, dMean);
    Tensor dLogits = pass.allocate(logits.rows(), logits.cols());
    kernels.fill(0, dLogits);
    kernels.axpy(1.0 / classifiers.size(), dMean, dLogits);
    if (dx != null) {
      kernels.fill(0, dx);
    }
    for (int token = 0; token < classifiers.size(); token++) {
      HeadLinear classifier = classifiers.get(token);
      classifier.backward(pass, dLogits);
      if (dx != null) {
        Tensor d = pass.allocate(logits.rows(), x.cols());
        classifier.inputGradient(pass, dLogits, d);
        kernels.normGradient(rows.get(token), weights.norm(), stats.get(token), d, d);
        ArgumentList<Move> moves = pass.work().moves();
        for (int e = 0; e < d.rows(); e++) {
          moves.next().set(d.rows(e, 1), dx.rows(pass.batch().start(e) + token, 1));
        }
        kernels.copyEach(moves);
      }
    }
  }
}
