package org.lorica.model;

import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Tensor;

// docs: block
/** A layer without attention: y = x + W₂ gelu(W₁ x), each example's tokens one by one. */
final class SkipBlock implements Block {
  private final AdaptedLinear up; // W₁ with factors where the layout has them
  private final AdaptedLinear down; // W₂
  private Tensor raised; // W₁ x, which the gradient of gelu needs

  SkipBlock(Linear up, Linear down, AdapterLayout layout) {
    this.up = new AdaptedLinear(up, layout);
    this.down = new AdaptedLinear(down, layout);
  }

  @Override
  public boolean trains(Pass pass) {
    return up.trains(pass) || down.trains(pass);
  }

  @Override
  public Tensor forward(Pass pass, Tensor x) {
    raised = up.forward(pass, x);
    Tensor bent = pass.tokenRows(raised.cols());
    pass.kernels().gelu(raised, bent);
    Tensor y = down.forward(pass, bent);
    pass.kernels().axpy(1, x, y);
    return y;
  }

  @Override
  public void backward(Pass pass, Tensor dy, Reach reach) {
    if (reach == Reach.OWN_FACTORS && !up.trains(pass)) {
      down.backward(pass, dy); // nothing below needs a gradient
      return;
    }
    Tensor dRaised = pass.tokenRows(raised.cols());
    down.backward(pass, dy, 0, dRaised);
    pass.kernels().geluGradient(raised, dRaised, dRaised);
    if (reach == Reach.OWN_FACTORS) {
      up.backward(pass, dRaised);
    } else {
      up.backward(pass, dRaised, 1, dy); // dy is the skip's share of the input's gradient
    }
  }
}
// docs: end
