package org.lorica.model;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.Matrix;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A dense layer of a DL4J network, with LoRA factors and a trained head where the layout has them:
 * z = x·Wᵀ + b + s·(x·Aᵀ)·Bᵀ on rows. A row is an example, or a pixel of one for convolutions.
 */
final class Dl4jLinear {
  private final Layer layer;
  private final double scaling;
  private final TensorSlot b; // null without
  private final TensorSlot a;
  private final TensorSlot headWeight;
  private final TensorSlot headBias;
  private INDArray base; // out × in
  private INDArray x; // rows × in
  private INDArray z; // rows × out
  private long[] shape; // of the layer's input

  Dl4jLinear(Layer layer, AdapterLayout layout) {
    String name = Dl4jNetwork.name(layer);
    this.layer = layer;
    this.scaling = layout.scaling(name);
    this.b = layout.slot(name, Role.B).orElse(null);
    this.a = layout.slot(name, Role.A).orElse(null);
    this.headWeight = layout.slot(name + ".weight", Role.HEAD).orElse(null);
    this.headBias = layout.slot(name + ".bias", Role.HEAD).orElse(null);
    this.base = weight(layer);
  }

  private static boolean convolution(Layer layer) {
    return layer.conf().getLayer() instanceof ConvolutionLayer;
  }

  /** W, out × in. */
  static INDArray weight(Layer layer) {
    if (convolution(layer)) {
      INDArray kernel = layer.getParam(ConvolutionParamInitializer.WEIGHT_KEY);
      return kernel.dup('c').reshape('c', kernel.size(0), kernel.size(1));
    }
    return layer.getParam(DefaultParamInitializer.WEIGHT_KEY).transpose().dup('c');
  }

  /** b, 1 × out; zeros where the layer has none. */
  static INDArray bias(Layer layer) {
    INDArray bias = layer.getParam(DefaultParamInitializer.BIAS_KEY);
    INDArray weight = weight(layer);
    return bias == null
        ? Nd4j.zeros(weight.dataType(), 1, weight.rows())
        : bias.dup('c').reshape('c', 1, weight.rows());
  }

  /** Adds what earlier rounds folded into the frozen weights. */
  void useBase(LoraFactors factors) {
    base = weight(layer).addi(array(factors.b()).mmul(array(factors.a())).muli(scaling));
  }

  void useOwnBase() {
    base = weight(layer);
  }

  private INDArray array(Matrix matrix) {
    return Nd4j.createFromArray(matrix.toArray())
        .reshape('c', matrix.rows(), matrix.cols())
        .castTo(base.dataType());
  }

  boolean adapted() {
    return b != null;
  }

  private boolean hasHead() {
    return headWeight != null;
  }

  /** z, rows × out. */
  INDArray forward(Dl4jPass pass, INDArray input) {
    shape = input.shape();
    x = convolution(layer) ? rows(input) : input;
    INDArray weight = hasHead() ? pass.value(headWeight) : base;
    INDArray bias = headBias == null ? bias(layer) : pass.value(headBias);
    z = x.mmul(weight.transpose()).addiRowVector(bias);
    if (adapted()) {
      z.addi(x.mmul(pass.value(a).transpose()).mmul(pass.value(b).transpose()).muli(scaling));
    }
    return z;
  }

  /** The layer's output for z, in the shape that the next layer takes. */
  INDArray activated() {
    INDArray y = activation().getActivation(z.dup(), false);
    return convolution(layer) ? image(y) : y;
  }

  /** Gradient with respect to z of what {@link #activated} gave. */
  INDArray throughActivation(INDArray dy) {
    INDArray rows = convolution(layer) ? rows(dy) : dy;
    return activation().backprop(z.dup(), rows.dup()).getFirst();
  }

  private IActivation activation() {
    return ((org.deeplearning4j.nn.conf.layers.BaseLayer) layer.conf().getLayer())
        .getActivationFn();
  }

  /** Per-example gradients of active tensors, and the gradient of the layer's input. */
  INDArray backward(Dl4jPass pass, INDArray dz) {
    int perExample = x.rows() / pass.examples();
    INDArray weight = hasHead() ? pass.value(headWeight) : base;
    INDArray dx = dz.mmul(weight);
    INDArray u = adapted() ? dz.mmul(pass.value(b)) : null; // rows × rank
    INDArray hidden = adapted() ? x.mmul(pass.value(a).transpose()) : null;
    for (int e = 0; e < pass.examples(); e++) {
      INDArray d = part(dz, e, perExample);
      if (pass.trains(b)) {
        pass.add(e, b, d.transpose().mmul(part(hidden, e, perExample)).muli(scaling));
      }
      if (pass.trains(a)) {
        INDArray own = part(u, e, perExample).transpose().mmul(part(x, e, perExample));
        pass.add(e, a, own.muli(scaling));
      }
      if (pass.trains(headWeight)) {
        pass.add(e, headWeight, d.transpose().mmul(part(x, e, perExample)));
      }
      if (pass.trains(headBias)) {
        pass.add(e, headBias, d.sum(true, 0));
      }
    }
    if (adapted()) {
      dx.addi(u.mmul(pass.value(a)).muli(scaling));
    }
    return convolution(layer) ? image(dx) : dx;
  }

  private static INDArray part(INDArray rows, int example, int perExample) {
    return rows.get(
            org.nd4j.linalg.indexing.NDArrayIndex.interval(
                (long) example * perExample, (long) (example + 1) * perExample),
            org.nd4j.linalg.indexing.NDArrayIndex.all())
        .dup('c');
  }

  /** Examples × channels × height × width as a row a pixel. */
  private static INDArray rows(INDArray image) {
    return image
        .permute(0, 2, 3, 1)
        .dup('c')
        .reshape('c', image.size(0) * image.size(2) * image.size(3), image.size(1));
  }

  private INDArray image(INDArray rows) {
    return rows.dup('c')
        .reshape('c', shape[0], shape[2], shape[3], rows.columns())
        .permute(0, 3, 1, 2)
        .dup('c');
  }
}
