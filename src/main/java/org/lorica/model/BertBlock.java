package org.lorica.model;

import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/** BERT's layer: attention and feed-forward, each added to its input and then normalised. */
final class BertBlock implements Block {

  /** Frozen weights of one layer. */
  record Weights(
      SelfAttention attention, Norm attentionNorm, Linear up, Linear down, Norm outputNorm) {}

  /** Frozen weights of the attention part. */
  record SelfAttention(Linear query, Linear key, Linear value, Linear output) {}

  private final Weights weights;
  private final Attention attention;
  private final AdaptedLinear query;
  private final AdaptedLinear key;
  private final AdaptedLinear value;
  private final AdaptedLinear output;
  private final AdaptedLinear up;
  private final AdaptedLinear down;
  private Tensor attended; // before its norm
  private Tensor attendedStats;
  private Tensor raised; // before GELU
  private Tensor result; // before its norm
  private Tensor resultStats;

  BertBlock(Weights weights, Attention.Shape shape, AdapterLayout layout) {
    this.weights = weights;
    this.attention = new Attention(shape);
    this.query = new AdaptedLinear(weights.attention().query(), layout);
    this.key = new AdaptedLinear(weights.attention().key(), layout);
    this.value = new AdaptedLinear(weights.attention().value(), layout);
    this.output = new AdaptedLinear(weights.attention().output(), layout);
    this.up = new AdaptedLinear(weights.up(), layout);
    this.down = new AdaptedLinear(weights.down(), layout);
  }

  @Override
  public boolean trains(Pass pass) {
    return attentionTrains(pass) || up.trains(pass) || down.trains(pass);
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
    Tensor context =
        attention.forward(
            pass,
            new Attention.Inputs(
                query.forward(pass, x), key.forward(pass, x), value.forward(pass, x)));
    attended = output.forward(pass, context);
    kernels.axpy(1, x, attended);
    attendedStats = pass.tokenRows(2);
    Tensor middle = pass.tokenRows(x.cols());
    kernels.layerNorm(attended, weights.attentionNorm(), middle, attendedStats);

    raised = up.forward(pass, middle);
    Tensor bent = pass.tokenRows(raised.cols());
    kernels.gelu(raised, bent);
    result = down.forward(pass, bent);
    kernels.axpy(1, middle, result);
    resultStats = pass.tokenRows(2);
    Tensor y = pass.tokenRows(x.cols());
    kernels.layerNorm(result, weights.outputNorm(), y, resultStats);
    return y;
  }

  @Override
  public void backward(Pass pass, Tensor dy, Reach reach) {
    Kernels kernels = pass.kernels();
    kernels.layerNormGradient(result, weights.outputNorm(), resultStats, dy, dy);
    boolean belowUp = reach == Reach.INPUT || attentionTrains(pass);
    if (!belowUp && !up.trains(pass)) {
      down.backward(pass, dy);
      return;
    }
    Tensor dRaised = pass.tokenRows(raised.cols());
    down.backward(pass, dy, 0, dRaised);
    kernels.geluGradient(raised, dRaised, dRaised);
    if (!belowUp) {
      up.backward(pass, dRaised);
      return;
    }
    up.backward(pass, dRaised, 1, dy); // dy already holds the residual's share
    kernels.layerNormGradient(attended, weights.attentionNorm(), attendedStats, dy, dy);
    attentionBackward(pass, dy, reach);
  }

  /** dx comes in as the residual's share. */
  private void attentionBackward(Pass pass, Tensor dx, Reach reach) {
    if (reach == Reach.OWN_FACTORS && !projectionsTrain(pass)) {
      output.backward(pass, dx);
      return;
    }
    Tensor dContext = pass.tokenRows(dx.cols());
    output.backward(pass, dx, 0, dContext);
    Attention.Inputs d = attention.backward(pass, dContext);
    if (reach == Reach.OWN_FACTORS) {
      query.backward(pass, d.queries());
      key.backward(pass, d.keys());
      value.backward(pass, d.values());
    } else {
      query.backward(pass, d.queries(), 1, dx);
      key.backward(pass, d.keys(), 1, dx);
      value.backward(pass, d.values(), 1, dx);
    }
  }
}
