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
  private final Attention.Shape shape;
  private final Attention attention;
  private final AdaptedLinear query;
  private final AdaptedLinear key;
  private final AdaptedLinear value;
  private final AdaptedLinear output;
  private final AdaptedLinear up;
  private final AdaptedLinear down;
  private final SingleQueryAttention single; // where the first token alone is read
  private boolean narrowed; // whether the last forward pass went by it
  private LeadingRows leading;
  private Tensor attended; // before its norm
  private Tensor attendedStats;
  private Tensor raised; // before GELU, then its slope
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
    this.shape = shape;
    this.single = new SingleQueryAttention(shape, key, value);
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
  public Tensor forward(Pass all, Tensor x) {
    Kernels kernels = all.kernels();
    leading = LeadingRows.of(all);
    Pass pass = leading.pass();
    Tensor rows = leading.gather(x);
    Tensor queries = query.forward(pass, rows);
    narrowed = SingleQueryAttention.fits(all, shape);
    Tensor context =
        narrowed
            ? single.forward(all, queries, x)
            : attention.forward(
                pass,
                all.ranges(),
                new Attention.Inputs(queries, key.forward(all, x), value.forward(all, x)));
    attended = output.forwardOnto(pass, rows, context);
    attendedStats = pass.tokenRows(2);
    Tensor middle = pass.tokenRows(x.cols());
    kernels.normalise(attended, weights.attentionNorm(), middle, attendedStats);

    raised = up.forward(pass, middle);
    Tensor bent = pass.tokenRows(raised.cols());
    kernels.geluAndSlope(raised, bent);
    result = down.forwardOnto(pass, middle, bent);
    resultStats = pass.tokenRows(2);
    Tensor y = pass.tokenRows(x.cols());
    kernels.normalise(result, weights.outputNorm(), y, resultStats);
    return leading.spread(y);
  }

  @Override
  public void backward(Pass all, Tensor dx, Reach reach) {
    Kernels kernels = all.kernels();
    Pass pass = leading.pass();
    Tensor dy = leading.gather(dx);
    kernels.normGradient(result, weights.outputNorm(), resultStats, dy, dy);
    boolean belowUp = reach == Reach.INPUT || attentionTrains(pass);
    if (!belowUp && !up.trains(pass)) {
      down.backward(pass, dy);
      return;
    }
    Tensor dRaised = pass.tokenRows(raised.cols());
    down.backward(pass, dy, 0, dRaised);
    kernels.multiply(raised, dRaised);
    if (!belowUp) {
      up.backward(pass, dRaised);
      return;
    }
    up.backward(pass, dRaised, 1, dy); // dy already holds the residual's share
    kernels.normGradient(attended, weights.attentionNorm(), attendedStats, dy, dy);
    attentionBackward(all, dy, reach, dx);
  }

  /** dy is the residual's share; dx is the same tensor where all rows are read. */
  private void attentionBackward(Pass all, Tensor dy, Reach reach, Tensor dx) {
    Pass pass = leading.pass();
    if (reach == Reach.OWN_FACTORS && !projectionsTrain(pass)) {
      output.backward(pass, dy);
      return;
    }
    Tensor dContext = pass.tokenRows(dy.cols());
    output.backward(pass, dy, 0, dContext);
    if (narrowed) {
      singleBackward(all, dContext, dy, reach, dx);
      return;
    }
    Attention.Inputs d = attention.backward(pass, dContext);
    if (reach == Reach.OWN_FACTORS) {
      query.backward(pass, d.queries());
      key.backward(all, d.keys());
      value.backward(all, d.values());
    } else {
      query.backward(pass, d.queries(), 1, dy);
      key.backward(all, d.keys(), leading.narrow() ? 0 : 1, dx);
      value.backward(all, d.values(), 1, dx);
      leading.add(dy, dx);
    }
  }

  private void singleBackward(Pass all, Tensor dContext, Tensor dy, Reach reach, Tensor dx) {
    Pass pass = leading.pass();
    if (reach == Reach.OWN_FACTORS) {
      query.backward(pass, single.backward(all, dContext));
    } else {
      query.backward(pass, single.backward(all, dContext, dx), 1, dy);
      leading.add(dy, dx);
    }
  }
}
