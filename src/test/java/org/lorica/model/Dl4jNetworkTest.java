package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.data.Example;
import org.lorica.data.Image;
import org.lorica.data.Target;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.BaseUpdate;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.LoraModule;
import org.lorica.lora.LoraRank;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.Matrix;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;
import org.lorica.testing.TinyModels;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks of DL4J: against DL4J's own output, a dense twin, and finite differences. */
class Dl4jNetworkTest {
  private static final int EXAMPLES = 4;
  private static final double STEP = 0x1p-9;
  private static final float GRID = 0x1p-10f;

  @TempDir private Path dir;

  private static MultiLayerNetwork network(String kind) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder().seed(5).dataType(DataType.FLOAT).list();
    MultiLayerConfiguration conf =
        switch (kind) {
          case "dense" ->
              list.layer(
                      new DenseLayer.Builder().nIn(9).nOut(5).activation(Activation.TANH).build())
                  .layer(
                      new DenseLayer.Builder()
                          .nIn(5)
                          .nOut(6)
                          .activation(Activation.SIGMOID)
                          .dropOut(0.5)
                          .build())
                  .layer(output(6))
                  .build();
          case "regression" ->
              list.layer(
                      new DenseLayer.Builder().nIn(9).nOut(5).activation(Activation.TANH).build())
                  .layer(
                      new OutputLayer.Builder(LossFunction.MSE)
                          .nIn(5)
                          .nOut(1)
                          .activation(Activation.IDENTITY)
                          .build())
                  .build();
          default ->
              list.layer(
                      new ConvolutionLayer.Builder(2, 2)
                          .nOut(3)
                          .activation(Activation.TANH)
                          .build())
                  .layer(
                      new ConvolutionLayer.Builder(1, 1)
                          .nOut(4)
                          .activation(Activation.SIGMOID)
                          .build())
                  .layer(
                      new SubsamplingLayer.Builder(PoolingType.AVG)
                          .kernelSize(2, 2)
                          .stride(2, 2)
                          .build())
                  .layer(new DenseLayer.Builder().nOut(5).activation(Activation.TANH).build())
                  .layer(output(5))
                  .setInputType(InputType.convolutional(5, 5, 2))
                  .build();
        };
    MultiLayerNetwork network = new MultiLayerNetwork(conf);
    network.init();
    return network;
  }

  private static OutputLayer output(int in) {
    return new OutputLayer.Builder(LossFunction.MCXENT)
        .nIn(in)
        .nOut(3)
        .activation(Activation.SOFTMAX)
        .build();
  }

  private Model load(MultiLayerNetwork network, String kind, Precision precision)
      throws IOException {
    Path file = dir.resolve(kind + ".zip");
    ModelSerializer.writeModel(network, file.toFile(), false);
    Optional<Integer> size = kind.equals("convolution") ? Optional.of(5) : Optional.empty();
    return Models.load(file, new Nd4jKernels(precision), new LoadOptions(size, Optional.empty()));
  }

  @Test
  void theFamilySaysWhatMustLieAtThePath() throws IOException {
    Nd4jKernels kernels = new Nd4jKernels(Precision.FLOAT32);
    LoadOptions dl4j = LoadOptions.AS_STORED.with(LoadOptions.Family.DL4J);
    LoadOptions transformers = LoadOptions.AS_STORED.with(LoadOptions.Family.TRANSFORMERS);
    Path file = dir.resolve("network.bin");
    ModelSerializer.writeModel(network("dense"), file.toFile(), false);
    assertThat(Models.load(file, kernels, dl4j).outputs()).isEqualTo(3);
    assertThatThrownBy(() -> Models.load(file, kernels))
        .hasMessageContaining(
            "model.family = dl4j takes a zip of DL4J or an HDF5 file of Keras of any name");
    Path both = TinyModels.bert(dir.resolve("both"), 3);
    assertThatThrownBy(() -> Models.load(both, kernels, dl4j))
        .hasMessageContaining("model.family = dl4j: expected a zip")
        .hasMessageContaining("found none");
    Files.copy(file, both.resolve("model.zip"));
    assertThat(Models.load(both, kernels, dl4j).image()).isPresent();
    assertThat(Models.load(both, kernels, transformers).image()).isEmpty();
    assertThatThrownBy(() -> Models.load(both.resolve("model.zip"), kernels, transformers))
        .hasMessageContaining("expected a Hugging Face model folder");
    assertThatThrownBy(() -> Models.load(both.resolve("config.json"), kernels, dl4j))
        .hasMessageContaining("expected a MultiLayerNetwork");
  }

  private static List<Example> batch(Model model) {
    SplittableRandom random = new SplittableRandom(8);
    List<Example> batch = new ArrayList<>();
    for (int e = 0; e < EXAMPLES; e++) {
      float[] values = new float[model.image().orElseThrow().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      Target target =
          model.task() == Model.Task.REGRESSION
              ? new Target.Value(random.nextGaussian())
              : new Target.Label(random.nextInt(3));
      batch.add(new Example(Image.of(model.image().get(), values), target));
    }
    return batch;
  }

  private static AdapterLayout everything(Model model) {
    List<LoraRank> ranks = new ArrayList<>(); // not the same for all modules
    for (int m = 0; m < model.linearModules().size(); m++) {
      LoraModule module = model.linearModules().get(m);
      int widest = Math.min(module.out(), module.in());
      ranks.add(new LoraRank(Math.min(widest, 1 + m % 2), 0.75 + 0.25 * m));
    }
    return new AdapterLayout(model.linearModules(), model.headModules(), ranks);
  }

  private static float[] adapter(AdapterLayout layout) {
    SplittableRandom random = new SplittableRandom(9);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = GRID * random.nextInt(-700, 701);
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "regression", "convolution"})
  void everyTensorsGradientIsTheSlopeOfItsExamplesLoss(String kind) throws IOException {
    Model model = load(network(kind), kind, Precision.FLOAT64);
    AdapterLayout layout = everything(model);
    Worker worker = model.worker(layout);
    float[] adapter = adapter(layout);
    List<Example> batch = batch(model);
    ActiveTensors all = ActiveTensors.of(layout, slot -> true);
    PerExampleGradients found = worker.gradients(adapter, all, batch);
    double[][] rows = new double[EXAMPLES][all.size()];
    for (int e = 0; e < EXAMPLES; e++) {
      double[] factors = new double[EXAMPLES];
      factors[e] = 1;
      found.addScaledTo(factors, rows[e]);
      double squares = java.util.Arrays.stream(rows[e]).map(v -> v * v).sum();
      assertThat(found.norm(e)).isCloseTo(Math.sqrt(squares), within(1e-12));
    }
    for (TensorSlot slot : layout.slots()) {
      for (int i = slot.offset(); i < slot.end(); i += 7) {
        double[] slopes = slopes(worker, adapter, i, batch);
        for (int e = 0; e < EXAMPLES; e++) {
          assertThat(rows[e][i])
              .as("%s of %s, value %d, example %d", slot.role(), slot.module(), i, e)
              .isCloseTo(slopes[e], within(1e-6 * Math.abs(slopes[e]) + 1e-9));
        }
      }
    }
  }

  private static double[] slopes(Worker worker, float[] adapter, int at, List<Example> batch) {
    double[] slopes = new double[batch.size()];
    int[] multiples = {-2, -1, 1, 2};
    double[] weights = {1, -8, 8, -1};
    for (int s = 0; s < 4; s++) {
      float[] moved = adapter.clone();
      moved[at] += (float) (multiples[s] * STEP);
      Predictions predictions = worker.predict(moved, batch);
      for (int e = 0; e < slopes.length; e++) {
        slopes[e] += weights[s] * predictions.loss(e) / (12 * STEP);
      }
    }
    return slopes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "regression", "convolution"})
  void withoutAdapterItIsTheNetworkItself(String kind) throws IOException {
    MultiLayerNetwork network = network(kind);
    Model model = load(network, kind, Precision.FLOAT32);
    AdapterLayout layout = new AdapterLayout(model.linearModules(), List.of(), 1, 1);
    List<Example> batch = batch(model);
    Predictions found = model.worker(layout).predict(new float[layout.size()], batch);
    INDArray expected = network.output(input(network, model, batch));
    for (int e = 0; e < EXAMPLES; e++) {
      float[] logits = found.logits(e);
      double sum = 0;
      for (float logit : logits) {
        sum += Math.exp(logit);
      }
      for (int c = 0; c < logits.length; c++) {
        double output =
            model.task() == Model.Task.REGRESSION ? logits[c] : Math.exp(logits[c]) / sum;
        assertThat(output).isCloseTo(expected.getDouble(e, c), within(1e-5));
      }
    }
  }

  private static INDArray input(MultiLayerNetwork network, Model model, List<Example> batch) {
    int size = model.image().orElseThrow().size();
    float[] all = new float[EXAMPLES * size];
    for (int e = 0; e < EXAMPLES; e++) {
      ((Image) batch.get(e).input()).copyTo(all, e * size);
    }
    INDArray flat = Nd4j.createFromArray(all);
    return network.getLayer(0).conf().getLayer() instanceof ConvolutionLayer
        ? flat.reshape('c', EXAMPLES, 2, 5, 5)
        : flat.reshape('c', EXAMPLES, size);
  }

  /** The adapter's product added to the weights by hand, and as what earlier rounds folded in. */
  @ParameterizedTest
  @ValueSource(strings = {"dense", "convolution"})
  void anAdapterIsTheSameAsItsProductInTheWeights(String kind) throws IOException {
    MultiLayerNetwork network = network(kind);
    Model model = load(network, kind, Precision.FLOAT32);
    AdapterLayout layout = new AdapterLayout(model.linearModules(), List.of(), 1, 0.75);
    float[] adapter = adapter(layout);
    List<Example> batch = batch(model);
    Worker worker = model.worker(layout);
    Predictions adapted = worker.predict(adapter, batch);
    List<LoraFactors> factors = org.lorica.lora.AdapterSet.of(layout, adapter).factors();
    for (int m = 0; m < factors.size(); m++) {
      Matrix b = factors.get(m).b();
      Matrix a = factors.get(m).a();
      String name = layout.modules().get(m).name();
      org.deeplearning4j.nn.api.Layer layer = null;
      for (org.deeplearning4j.nn.api.Layer each : network.getLayers()) {
        layer = Dl4jNetwork.name(each).equals(name) ? each : layer;
      }
      INDArray weight = layer.getParam("W");
      for (int o = 0; o < b.rows(); o++) {
        for (int i = 0; i < a.cols(); i++) {
          double more = 0.75 * b.at(o, 0) * a.at(0, i);
          long[] place =
              weight.rank() == 4 ? new long[] {o, i, 0, 0} : new long[] {i, o}; // DL4J: in × out
          weight.putScalar(place, weight.getDouble(place) + more);
        }
      }
    }
    Model merged = load(network, kind, Precision.FLOAT32);
    Predictions expected = merged.worker(layout).predict(new float[layout.size()], batch);
    worker.useBase(new BaseUpdate(factors));
    Predictions folded = worker.predict(new float[layout.size()], batch);
    worker.useBase(BaseUpdate.NONE);
    Predictions again = worker.predict(adapter, batch);
    for (int e = 0; e < EXAMPLES; e++) {
      assertThat(adapted.logits(e)).containsExactly(expected.logits(e), within(1e-5f));
      assertThat(folded.logits(e)).containsExactly(expected.logits(e), within(1e-5f));
      assertThat(again.logits(e)).isEqualTo(adapted.logits(e));
    }
  }

  @Test
  void layersThatMixExamplesAndForeignFilesAreRefused() throws IOException {
    MultiLayerNetwork mixing =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().nIn(4).nOut(4).build())
                .layer(new BatchNormalization.Builder().nIn(4).nOut(4).build())
                .layer(output(4))
                .build());
    mixing.init();
    assertThatThrownBy(() -> load(mixing, "mixing", Precision.FLOAT32))
        .hasMessageContaining("mixing.zip: layer 1")
        .hasMessageContaining("BatchNormalization");
    Path other = Files.writeString(dir.resolve("other.zip"), "no network");
    assertThatThrownBy(() -> Models.load(other, new Nd4jKernels(Precision.FLOAT32)))
        .hasMessageContaining("other.zip: expected a MultiLayerNetwork");
    MultiLayerNetwork images = network("convolution");
    ModelSerializer.writeModel(images, dir.resolve("i.zip").toFile(), false);
    assertThatThrownBy(() -> Models.load(dir.resolve("i.zip"), new Nd4jKernels(Precision.FLOAT32)))
        .hasMessageContaining("model.image-size must be set");
    MultiLayerNetwork broken = network("dense");
    broken.params().putScalar(0, Float.NaN);
    assertThatThrownBy(() -> load(broken, "broken", Precision.FLOAT32))
        .hasMessageContaining("broken.zip: expected finite weights");
  }
}
