package org.lorica.model;

import java.util.List;
import java.util.stream.Stream;
import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * The layer of vision transformers (arXiv 2010.11929, 2103.14030): normalised input to attention
 * and feed-forward, each added back. Attention looks at whole examples (ViT) or windows (Swin).
 */
final class PreNormBlock implements Block {

  /** Frozen weights of one layer. */
  record Weights(
      Norm inputNorm, BertBlock.SelfAttention attention, Norm middleNorm, Linear up, Linear down) {

    /** Linear layers in order of the forward pass. */
    List<Linear> linears() {
      return Stream.of(
              attention.query(), attention.key(), attention.value(), attention.output(), up, down)
          .toList();
    }

    /**
     * Reads a layer as Hugging Face names it.
     *
     * @param self prefix of query, key and value within the layer
     */
    static Weights load(FrozenWeights weights, String layer, String self, Sizes sizes) {
      int width = sizes.width();
      return new Weights(
          weights.norm(layer + "layernorm_before", width, sizes.epsilon()),
          new BertBlock.SelfAttention(
              projection(weights, layer + self + "query", sizes),
              projection(weights, layer + self + "key", sizes),
              projection(weights, layer + self + "value", sizes),
              weights.linear(layer + "attention.output.dense", width, width)),
          weights.norm(layer + "layernorm_after", width, sizes.epsilon()),
          weights.linear(layer + "intermediate.dense", sizes.inner(), width),
          weights.linear(layer + "output.dense", width, sizes.inner()));
    }

    private static Linear projection(FrozenWeights weights, String name, Sizes sizes) {
      return sizes.projections() == Projections.WITH_BIAS
          ? weights.linear(name, sizes.width(), sizes.width())
          : weights.linearWithoutBias(name, sizes.width(), sizes.width());
    }
  }

  /** Whether query, key and value have biases. */
  enum Projections {
    WITH_BIAS,
    WITHOUT_BIAS
  }

  /** Dimensions of one layer. */
  record Sizes(int width, int inner, double epsilon, Projections projections) {}

  private final Weights weights;
  private final Neighbourhood neighbourhood;
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
  private Tensor input;
  private Tensor inputStats;
  private Tensor middle;
  private Tensor middleStats;
  private Tensor raised; // before GELU, then its slope

  PreNormBlock(
      Weights weights, Attention attention, Neighbourhood neighbourhood, AdapterLayout layout) {
    this.weights = weights;
    this.attention = attention;
    this.neighbourhood = neighbourhood;
    this.query = new AdaptedLinear(weights.attention().query(), layout);
    this.key = new AdaptedLinear(weights.attention().key(), layout);
    this.value = new AdaptedLinear(weights.attention().value(), layout);
    this.output = new AdaptedLinear(weights.attention().output(), layout);
    this.up = new AdaptedLinear(weights.up(), layout);
    this.down = new AdaptedLinear(weights.down(), layout);
    this.single = new SingleQueryAttention(attention.shape(), key, value);
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
  public Tensor forward(Pass worker, Tensor x) {
    Pass all = neighbourhood.tokens(worker);
    Kernels kernels = all.kernels();
    leading = LeadingRows.of(all);
    Pass pass = leading.pass();
    input = x;
    inputStats = all.tokenRows(2);
    Tensor normed = all.tokenRows(x.cols());
    kernels.normalise(x, weights.inputNorm(), normed, inputStats);
    middle = attended(all, normed, leading.gather(x));

    middleStats = pass.tokenRows(2);
    Tensor again = pass.tokenRows(x.cols());
    kernels.normalise(middle, weights.middleNorm(), again, middleStats);
    raised = up.forward(pass, again);
    Tensor bent = pass.tokenRows(raised.cols());
    kernels.geluAndSlope(raised, bent);
    return leading.spread(down.forwardOnto(pass, middle, bent));
  }

  /** residual + attention. Rows are left out only where whole examples stand as they are. */
  private Tensor attended(Pass pass, Tensor normed, Tensor residual) {
    if (leading.narrow()) {
      Pass some = leading.pass();
      Tensor queries = query.forward(some, leading.gather(normed));
      narrowed = SingleQueryAttention.fits(pass, attention.shape());
      Tensor context =
          narrowed
              ? single.forward(pass, queries, normed)
              : attention.forward(
                  some,
                  pass.ranges(),
                  new Attention.Inputs(
                      queries, key.forward(pass, normed), value.forward(pass, normed)));
      return output.forwardOnto(some, residual, context);
    }
    Pass arranged = neighbourhood.arranged(pass);
    Tensor rows = neighbourhood.arrange(pass, normed);
    Attention.Inputs inputs =
        new Attention.Inputs(
            query.forward(arranged, rows),
            key.forward(arranged, rows),
            value.forward(arranged, rows));
    Tensor context = attention.forward(neighbourhood.groups(pass), inputs);
    if (arranged == pass) {
      return output.forwardOnto(pass, residual, context);
    }
    Tensor attended = neighbourhood.restore(pass, output.forward(arranged, context));
    pass.kernels().axpy(1, residual, attended);
    return attended;
  }

  @Override
  public void backward(Pass worker, Tensor dx, Reach reach) {
    Pass all = neighbourhood.tokens(worker);
    Kernels kernels = all.kernels();
    Pass pass = leading.pass();
    Tensor dy = leading.gather(dx);
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
    Tensor dNormed = pass.tokenRows(dy.cols());
    up.backward(pass, dRaised, 0, dNormed);
    kernels.normGradient(middle, weights.middleNorm(), middleStats, dNormed, dNormed);
    kernels.axpy(1, dNormed, dy);
    if (leading.narrow()) {
      leadingAttentionBackward(all, dy, reach, dx);
    } else {
      attentionBackward(all, dy, reach);
    }
  }

  /** dy holds the residual's share of the leading rows; all of dx is written. */
  private void leadingAttentionBackward(Pass all, Tensor dy, Reach reach, Tensor dx) {
    Pass pass = leading.pass();
    if (reach == Reach.OWN_FACTORS && !projectionsTrain(pass)) {
      output.backward(pass, dy);
      return;
    }
    Tensor dContext = pass.tokenRows(dy.cols());
    output.backward(pass, dy, 0, dContext);
    Tensor dQueryRows = pass.tokenRows(dy.cols());
    if (narrowed && reach == Reach.OWN_FACTORS) {
      query.backward(pass, single.backward(all, dContext));
      return;
    }
    if (narrowed) {
      query.backward(pass, single.backward(all, dContext, dx), 0, dQueryRows);
    } else {
      Attention.Inputs d = attention.backward(pass, dContext);
      if (reach == Reach.OWN_FACTORS) {
        query.backward(pass, d.queries());
        key.backward(all, d.keys());
        value.backward(all, d.values());
        return;
      }
      query.backward(pass, d.queries(), 0, dQueryRows);
      key.backward(all, d.keys(), 0, dx);
      value.backward(all, d.values(), 1, dx);
    }
    leading.add(dQueryRows, dx);
    all.kernels().normGradient(input, weights.inputNorm(), inputStats, dx, dx);
    leading.add(dy, dx);
  }

  /** dx comes in as the residual's share. */
  private void attentionBackward(Pass pass, Tensor dx, Reach reach) {
    Kernels kernels = pass.kernels();
    Pass arranged = neighbourhood.arranged(pass);
    Tensor dOut = neighbourhood.arrange(pass, dx);
    if (reach == Reach.OWN_FACTORS && !projectionsTrain(pass)) {
      output.backward(arranged, dOut);
      return;
    }
    Tensor dContext = arranged.tokenRows(dx.cols());
    output.backward(arranged, dOut, 0, dContext);
    Attention.Inputs d = attention.backward(neighbourhood.groups(pass), dContext);
    if (reach == Reach.OWN_FACTORS) {
      query.backward(arranged, d.queries());
      key.backward(arranged, d.keys());
      value.backward(arranged, d.values());
      return;
    }
    Tensor dRows = arranged.tokenRows(dx.cols());
    query.backward(arranged, d.queries(), 0, dRows);
    key.backward(arranged, d.keys(), 1, dRows);
    value.backward(arranged, d.values(), 1, dRows);
    Tensor dNormed = neighbourhood.restore(pass, dRows);
    kernels.normGradient(input, weights.inputNorm(), inputStats, dNormed, dNormed);
    kernels.axpy(1, dNormed, dx);
  }
}
