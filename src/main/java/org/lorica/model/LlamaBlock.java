package org.lorica.model;

import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Rotary;
import org.lorica.tensor.Tensor;

/** LLaMA's layer (arXiv 2302.13971): normalised input to attention and SwiGLU, each added back. */
final class LlamaBlock implements Block {

  /** Frozen weights of one layer. */
  record Weights(Norm inputNorm, SelfAttention attention, Norm middleNorm, FeedForward mlp) {}

  /** Frozen weights of the attention part. */
  record SelfAttention(Linear query, Linear key, Linear value, Linear output) {}

  /** Frozen weights of the feed-forward part. */
  record FeedForward(Linear gate, Linear up, Linear down) {}

  private final Weights weights;
  private final Rotary rotary;
  private final Rotary inverse;
  private final Attention attention;
  private final AdaptedLinear query;
  private final AdaptedLinear key;
  private final AdaptedLinear value;
  private final AdaptedLinear output;
  private final AdaptedLinear gate;
  private final AdaptedLinear up;
  private final AdaptedLinear down;
  private Tensor input;
  private Tensor inputStats;
  private Tensor middle;
  private Tensor middleStats;
  private Tensor gateSlopes; // of the gated product with respect to the gate
  private Tensor upSlopes;

  LlamaBlock(Weights weights, Attention.Shape shape, Rotary rotary, AdapterLayout layout) {
    this.weights = weights;
    this.rotary = rotary;
    this.inverse = rotary.inverse();
    this.attention = new Attention(shape);
    this.query = new AdaptedLinear(weights.attention().query(), layout);
    this.key = new AdaptedLinear(weights.attention().key(), layout);
    this.value = new AdaptedLinear(weights.attention().value(), layout);
    this.output = new AdaptedLinear(weights.attention().output(), layout);
    this.gate = new AdaptedLinear(weights.mlp().gate(), layout);
    this.up = new AdaptedLinear(weights.mlp().up(), layout);
    this.down = new AdaptedLinear(weights.mlp().down(), layout);
  }

  @Override
  public boolean trains(Pass pass) {
    return attentionTrains(pass) || gate.trains(pass) || up.trains(pass) || down.trains(pass);
  }

  private boolean attentionTrains(Pass pass) {
    return projectionsTrain(pass) || output.trains(pass);
  }

  private boolean projectionsTrain(Pass pass) {
    return query.trains(pass) || key.trains(pass) || value.trains(pass);
  }

  @Override
  public Tensor forward(Pass pass, Tensor x) {
    Kernels kernels = pass.kernels();
    input = x;
    inputStats = pass.tokenRows(2);
    Tensor normed = pass.tokenRows(x.cols());
    kernels.normalise(x, weights.inputNorm(), normed, inputStats);
    Tensor q = query.forward(pass, normed);
    Tensor k = key.forward(pass, normed);
    kernels.rotary(rotary, pass.batch().positions(), q);
    kernels.rotary(rotary, pass.batch().positions(), k);
    Tensor v = value.forward(pass, normed);
    middle = output.forwardOnto(pass, x, attention.forward(pass, new Attention.Inputs(q, k, v)));

    middleStats = pass.tokenRows(2);
    Tensor again = pass.tokenRows(x.cols());
    kernels.normalise(middle, weights.middleNorm(), again, middleStats);
    Tensor gated = gate.forward(pass, again);
    Tensor raised = up.forward(pass, again);
    Tensor product = pass.tokenRows(gated.cols());
    gateSlopes = pass.tokenRows(gated.cols());
    upSlopes = pass.tokenRows(gated.cols());
    kernels.swigluAndSlopes(gated, raised, product, gateSlopes, upSlopes);
    return down.forwardOnto(pass, middle, product);
  }

  @Override
  public void backward(Pass pass, Tensor dy, Reach reach) {
    Kernels kernels = pass.kernels();
    boolean belowMlp = reach == Reach.INPUT || attentionTrains(pass);
    if (!belowMlp && !gate.trains(pass) && !up.trains(pass)) {
      down.backward(pass, dy);
      return;
    }
    Tensor dProduct = pass.tokenRows(gateSlopes.cols());
    down.backward(pass, dy, 0, dProduct);
    kernels.multiply(dProduct, gateSlopes); // the slopes become the gradients
    kernels.multiply(dProduct, upSlopes);
    if (!belowMlp) {
      gate.backward(pass, gateSlopes);
      up.backward(pass, upSlopes);
      return;
    }
    Tensor dNormed = pass.tokenRows(dy.cols());
    gate.backward(pass, gateSlopes, 0, dNormed);
    up.backward(pass, upSlopes, 1, dNormed);
    kernels.normGradient(middle, weights.middleNorm(), middleStats, dNormed, dNormed);
    kernels.axpy(1, dNormed, dy);
    attentionBackward(pass, dy, reach);
  }

  /** dx comes in as the residual's share. */
  private void attentionBackward(Pass pass, Tensor dx, Reach reach) {
    Kernels kernels = pass.kernels();
    if (reach == Reach.OWN_FACTORS && !projectionsTrain(pass)) {
      output.backward(pass, dx);
      return;
    }
    Tensor dContext = pass.tokenRows(weights.attention().output().in());
    output.backward(pass, dx, 0, dContext);
    Attention.Inputs d = attention.backward(pass, dContext);
    kernels.rotary(inverse, pass.batch().positions(), d.queries());
    kernels.rotary(inverse, pass.batch().positions(), d.keys());
    if (reach == Reach.OWN_FACTORS) {
      query.backward(pass, d.queries());
      key.backward(pass, d.keys());
      value.backward(pass, d.values());
      return;
    }
    Tensor dNormed = pass.tokenRows(dx.cols());
    query.backward(pass, d.queries(), 0, dNormed);
    key.backward(pass, d.keys(), 1, dNormed);
    value.backward(pass, d.values(), 1, dNormed);
    kernels.normGradient(input, weights.inputNorm(), inputStats, dNormed, dNormed);
    kernels.axpy(1, dNormed, dx);
  }
}
