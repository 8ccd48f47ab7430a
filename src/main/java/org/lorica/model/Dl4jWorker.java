package org.lorica.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lorica.data.Example;
import org.lorica.data.Image;
import org.lorica.data.ImageShape;
import org.lorica.data.Target;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.BaseUpdate;
import org.lorica.lora.LoraModule;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs a DL4J network layer by layer: dense ones here, with their adapters and exact per-example
 * gradients, all others by DL4J's own forward and backward.
 */
final class Dl4jWorker implements Worker {
  private static final int AT_ONCE = 64;

  private final Dl4jNetwork model;
  private final WorkerInputs inputs;
  private final MultiLayerNetwork network;
  private final AdapterLayout layout;
  private final DataType type;
  private final LayerWorkspaceMgr memory = LayerWorkspaceMgr.noWorkspaces();
  private final List<Dl4jLinear> linear = new ArrayList<>(); // a layer; null where DL4J runs it

  Dl4jWorker(Dl4jNetwork model, MultiLayerNetwork network, AdapterLayout layout) {
    this.model = model;
    this.inputs = new WorkerInputs(model, layout);
    this.network = network;
    this.layout = layout;
    this.type = network.params().dataType();
    for (Layer layer : network.getLayers()) {
      linear.add(Dl4jNetwork.isLinear(layer) ? new Dl4jLinear(layer, layout) : null);
    }
  }

  @Override
  public void useBase(BaseUpdate update) {
    List<String> names = layout.modules().stream().map(LoraModule::name).toList();
    for (int i = 0; i < linear.size(); i++) {
      if (linear.get(i) != null && linear.get(i).adapted()) {
        if (update.isEmpty()) {
          linear.get(i).useOwnBase();
        } else {
          int module = names.indexOf(Dl4jNetwork.name(network.getLayer(i)));
          linear.get(i).useBase(update.factors().get(module));
        }
      }
    }
  }

  @Override
  public Predictions predict(float[] adapter, List<Example> batch) {
    inputs.requireFitting(adapter, batch);
    float[][] logits = new float[batch.size()][];
    double[] losses = new double[batch.size()];
    for (int from = 0; from < batch.size(); from += AT_ONCE) {
      List<Example> some = batch.subList(from, Math.min(batch.size(), from + AT_ONCE));
      INDArray z = forward(new Dl4jPass(adapter, type, some.size()), some);
      for (int e = 0; e < some.size(); e++) {
        logits[from + e] = z.getRow(e).toFloatVector();
        double[] row = z.getRow(e).castTo(DataType.DOUBLE).toDoubleVector();
        boolean known = model.task().trainsOn(some.get(e).target());
        losses[from + e] =
            known ? loss(row, some.get(e).target(), new double[row.length]) : Double.NaN;
      }
    }
    return new Predictions(logits, losses);
  }

  @Override
  public PerExampleGradients gradients(float[] adapter, ActiveTensors active, List<Example> batch) {
    inputs.requireTrainable(adapter, batch);
    double[] losses = new double[batch.size()];
    if (batch.isEmpty()) {
      return new RowGradients(new double[0][], losses);
    }
    Dl4jPass pass = new Dl4jPass(adapter, type, batch.size(), active);
    INDArray z = forward(pass, batch);
    INDArray dz = Nd4j.zeros(type, z.rows(), z.columns());
    for (int e = 0; e < losses.length; e++) {
      double[] row = z.getRow(e).castTo(DataType.DOUBLE).toDoubleVector();
      double[] d = new double[row.length];
      losses[e] = loss(row, batch.get(e).target(), d);
      dz.putRow(e, Nd4j.createFromArray(d).castTo(type));
    }
    backward(pass, dz);
    return new RowGradients(pass.gradients(), losses);
  }

  /** z of the output layer. */
  private INDArray forward(Dl4jPass pass, List<Example> batch) {
    INDArray x = input(batch);
    int last = linear.size() - 1;
    for (int i = 0; i <= last; i++) {
      InputPreProcessor before = network.getLayerWiseConfigurations().getInputPreProcess(i);
      INDArray in = before == null ? x : before.preProcess(x, batch.size(), memory);
      if (linear.get(i) == null) {
        x = network.getLayer(i).activate(in.dup('c'), false, memory);
      } else {
        INDArray z = linear.get(i).forward(pass, in);
        x = i == last ? z : linear.get(i).activated();
      }
    }
    return x;
  }

  /** Down to the lowest layer; every layer still holds what it saw. */
  private void backward(Dl4jPass pass, INDArray dOutput) {
    INDArray d = dOutput;
    for (int i = linear.size() - 1; i >= 0; i--) {
      if (linear.get(i) == null) {
        d = network.getLayer(i).backpropGradient(d.dup('c'), memory).getSecond();
      } else {
        INDArray dz = i == linear.size() - 1 ? d : linear.get(i).throughActivation(d);
        d = linear.get(i).backward(pass, dz);
      }
      InputPreProcessor before = network.getLayerWiseConfigurations().getInputPreProcess(i);
      d = before == null || i == 0 ? d : before.backprop(d.dup('c'), pass.examples(), memory);
    }
  }

  private INDArray input(List<Example> batch) {
    ImageShape shape = model.image().orElseThrow();
    float[] values = new float[batch.size() * shape.size()];
    for (int e = 0; e < batch.size(); e++) {
      ((Image) batch.get(e).input()).copyTo(values, e * shape.size());
    }
    INDArray all = Nd4j.createFromArray(values).castTo(type);
    if (model.channelsLast()) {
      return all.reshape('c', batch.size(), shape.channels(), shape.height(), shape.width())
          .permute(0, 2, 3, 1)
          .dup('c');
    }
    var first = network.getLayer(0).conf().getLayer();
    return first instanceof BaseOutputLayer || first instanceof DenseLayer
        ? all.reshape('c', batch.size(), shape.size())
        : all.reshape('c', batch.size(), shape.channels(), shape.height(), shape.width());
  }

  /** Cross-entropy or squared error of one example; d receives the gradient. */
  private static double loss(double[] z, Target target, double[] d) {
    if (target instanceof Target.Value value) {
      d[0] = 2 * (z[0] - value.value());
      return (z[0] - value.value()) * (z[0] - value.value());
    }
    int label = ((Target.Label) target).index();
    double max = Double.NEGATIVE_INFINITY;
    for (double v : z) {
      max = Math.max(max, v);
    }
    double sum = 0;
    for (double v : z) {
      sum += Math.exp(v - max);
    }
    for (int i = 0; i < z.length; i++) {
      d[i] = Math.exp(z[i] - max) / sum - (i == label ? 1 : 0);
    }
    return Math.log(sum) + max - z[label];
  }

  /** Per-example gradients on the heap. */
  private record RowGradients(List<double[]> rows, List<Double> losses)
      implements PerExampleGradients {
    RowGradients(double[][] rows, double[] losses) {
      this(List.of(rows), Arrays.stream(losses).boxed().toList());
    }

    @Override
    public int examples() {
      return losses.size();
    }

    @Override
    public double loss(int example) {
      return losses.get(example);
    }

    @Override
    public double norm(int example) {
      double sum = 0;
      for (double v : rows.get(example)) {
        sum += v * v;
      }
      return Math.sqrt(sum);
    }

    @Override
    public void addScaledTo(double[] factors, double[] sum) {
      for (int e = 0; e < factors.length; e++) {
        for (int i = 0; factors[e] != 0 && i < sum.length; i++) {
          sum[i] += factors[e] * rows.get(e)[i];
        }
      }
    }
  }
}
