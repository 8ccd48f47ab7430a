package org.lorica.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.lorica.data.ImageShape;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Precision;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;

/**
 * A frozen DL4J network as its ModelSerializer or Keras wrote it, with LoRA on its dense layers:
 * DenseLayer, OutputLayer and 1 × 1 convolutions of stride 1. The others run in DL4J, in inference
 * mode: no dropout. Classification is softmax with cross-entropy, regression a single identity
 * output with squared error. It reads images; a network of dense layers reads them as one row of
 * pixels.
 */
final class Dl4jNetwork implements Model {
  private static final List<String> ENDINGS = List.of(".zip", ".h5", ".hdf5");

  private static final List<String> KNOWN =
      List.of(
          "DenseLayer",
          "OutputLayer",
          "ConvolutionLayer",
          "SubsamplingLayer",
          "GlobalPoolingLayer",
          "ActivationLayer",
          "DropoutLayer",
          "ZeroPaddingLayer",
          "Upsampling2D");

  private static final String EXPECTED =
      ": expected a MultiLayerNetwork of DL4J's ModelSerializer, or HDF5 of Keras, found ";

  private final MultiLayerNetwork network;
  private final ImageShape shape;
  private final Task task;

  private Dl4jNetwork(MultiLayerNetwork network, ImageShape shape, Task task) {
    this.network = network;
    this.shape = shape;
    this.task = task;
  }

  /**
   * The network's file: {@code place} itself where it ends with .zip, .h5 or .hdf5, or {@code
   * model.zip} in it; empty if neither is.
   */
  static Optional<Path> file(Path place) {
    Path inside = place.resolve("model.zip");
    boolean folder = Files.isRegularFile(inside) && !Files.exists(place.resolve("config.json"));
    boolean itself =
        Files.isRegularFile(place)
            && ENDINGS.stream().anyMatch(ending -> place.toString().endsWith(ending));
    return itself ? Optional.of(place) : folder ? Optional.of(inside) : Optional.empty();
  }

  /** The network's file where nothing else will do: any file, or {@code model.zip} in a folder. */
  static Path required(Path place) {
    Path file = Files.isDirectory(place) ? place.resolve("model.zip") : place;
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          place
              + ": model.family = dl4j: expected a zip of DL4J's ModelSerializer, a .h5 of Keras, or a"
              + " folder with model.zip, found none");
    }
    return file;
  }

  static Dl4jNetwork load(Path file, LoadOptions options, Kernels kernels) {
    if (options.head().isPresent() || options.task().isPresent()) {
      throw new IllegalArgumentException(
          file
              + ": a DL4J network keeps its own output layer; model.head-init must be checkpoint and model.task null");
    }
    MultiLayerNetwork network;
    try {
      network =
          KerasNetwork.is(file)
              ? KerasNetwork.load(file)
              : ModelSerializer.restoreMultiLayerNetwork(file.toFile(), false);
    } catch (IllegalArgumentException e) {
      throw e.getMessage().startsWith(file.toString())
          ? e
          : new IllegalArgumentException(file + EXPECTED + e, e);
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException(file + EXPECTED + e, e);
    }
    requireSupported(file, network);
    DataType type = kernels.precision() == Precision.FLOAT64 ? DataType.DOUBLE : DataType.FLOAT;
    network = network.convertDataType(type);
    if (!Double.isFinite(network.params().sumNumber().doubleValue())) {
      throw new IllegalArgumentException(file + ": expected finite weights, found NaN or infinity");
    }
    return new Dl4jNetwork(network, shape(file, network, options), task(file, network));
  }

  private static void requireSupported(Path file, MultiLayerNetwork network) {
    for (int i = 0; i < network.getnLayers(); i++) {
      org.deeplearning4j.nn.conf.layers.Layer conf = network.getLayer(i).conf().getLayer();
      String kind = conf.getClass().getSimpleName();
      boolean last = i == network.getnLayers() - 1;
      if (!KNOWN.contains(kind)
          || last != (conf instanceof OutputLayer)
          || (conf instanceof DenseLayer dense && dense.hasLayerNorm())) {
        throw new IllegalArgumentException(
            file
                + ": layer "
                + i
                + ": expected one of "
                + KNOWN
                + " without layer norm, the last and only the last an OutputLayer, found "
                + kind);
      }
      conf.setIDropout(null); // inference mode, also in backward passes
    }
  }

  private static Task task(Path file, MultiLayerNetwork network) {
    OutputLayer output = (OutputLayer) network.getLayer(network.getnLayers() - 1).conf().getLayer();
    ILossFunction loss = output.getLossFn();
    if (loss instanceof LossMCXENT && output.getActivationFn() instanceof ActivationSoftmax) {
      return Task.SEQUENCE_CLASSIFICATION;
    }
    if (loss instanceof LossMSE
        && output.getActivationFn() instanceof ActivationIdentity
        && output.getNOut() == 1) {
      return Task.REGRESSION;
    }
    throw new IllegalArgumentException(
        file
            + ": the output layer: expected softmax with MCXENT or NEGATIVELOGLIKELIHOOD, or one"
            + " identity output with MSE, found "
            + output.getActivationFn()
            + " with "
            + loss);
  }

  /** A row of n pixels is a square image where it can be one. */
  private static ImageShape shape(Path file, MultiLayerNetwork network, LoadOptions options) {
    FeedForwardLayer first = (FeedForwardLayer) firstWithWeights(network).conf().getLayer();
    int in = Math.toIntExact(first.getNIn());
    if (first instanceof ConvolutionLayer) {
      int side =
          options
              .imageSize()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          file
                              + " begins with a convolution, which does not say how large its"
                              + " images are: model.image-size must be set"));
      return new ImageShape(in, side, side);
    }
    int side = (int) Math.round(Math.sqrt(in));
    return side * side == in ? new ImageShape(1, side, side) : new ImageShape(1, 1, in);
  }

  private static Layer firstWithWeights(MultiLayerNetwork network) {
    int i = 0;
    while (!(network.getLayer(i).conf().getLayer() instanceof FeedForwardLayer)) {
      i++;
    }
    return network.getLayer(i);
  }

  /** Whether a layer is y = W x + b on rows. */
  static boolean isLinear(Layer layer) {
    org.deeplearning4j.nn.conf.layers.Layer conf = layer.conf().getLayer();
    if (conf.getClass() == ConvolutionLayer.class) {
      ConvolutionLayer convolution = (ConvolutionLayer) conf;
      return convolution.getCnn2dDataFormat() == CNN2DFormat.NCHW
          && ones(convolution.getKernelSize())
          && ones(convolution.getStride())
          && zeros(convolution.getPadding());
    }
    return conf instanceof DenseLayer || conf instanceof OutputLayer;
  }

  private static boolean ones(int[] sizes) {
    return sizes[0] == 1 && sizes[1] == 1;
  }

  private static boolean zeros(int[] sizes) {
    return sizes[0] == 0 && sizes[1] == 0;
  }

  /** The layer's own name, or its place. */
  static String name(Layer layer) {
    String given = layer.conf().getLayer().getLayerName();
    return given == null ? "layer" + layer.getIndex() : given;
  }

  private static LoraModule module(Layer layer) {
    FeedForwardLayer conf = (FeedForwardLayer) layer.conf().getLayer();
    return new LoraModule(
        name(layer), Math.toIntExact(conf.getNOut()), Math.toIntExact(conf.getNIn()));
  }

  /** Whether images come with their channels last: a network of Keras. */
  boolean channelsLast() {
    return firstWithWeights(network).conf().getLayer() instanceof ConvolutionLayer convolution
        && convolution.getCnn2dDataFormat() == CNN2DFormat.NHWC;
  }

  private Layer output() {
    return network.getLayer(network.getnLayers() - 1);
  }

  @Override
  public Task task() {
    return task;
  }

  @Override
  public List<LoraModule> linearModules() {
    List<LoraModule> modules = new ArrayList<>();
    for (Layer layer : network.getLayers()) {
      if (isLinear(layer)) {
        modules.add(module(layer));
      }
    }
    return modules;
  }

  @Override
  public List<LoraModule> headModules() {
    LoraModule output = module(output());
    return List.of(
        new LoraModule(output.name() + ".weight", output.out(), output.in()),
        new LoraModule(output.name() + ".bias", 1, output.out()));
  }

  @Override
  public float[] headValues() {
    float[] weight = Dl4jLinear.weight(output()).ravel().toFloatVector();
    float[] bias = Dl4jLinear.bias(output()).ravel().toFloatVector();
    float[] values = Arrays.copyOf(weight, weight.length + bias.length);
    System.arraycopy(bias, 0, values, weight.length, bias.length);
    return values;
  }

  @Override
  public int outputs() {
    return module(output()).out();
  }

  @Override
  public Optional<ImageShape> image() {
    return Optional.of(shape);
  }

  @Override
  public int vocabularySize() {
    return 0;
  }

  @Override
  public int maxPositions() {
    return 1;
  }

  @Override
  public long parameters() {
    return network.numParams();
  }

  /** Layers of DL4J keep what they saw last, so every worker has its own. */
  @Override
  public Worker worker(AdapterLayout layout) {
    MultiLayerNetwork own = network.clone();
    own.initGradientsView();
    return new Dl4jWorker(this, own, layout);
  }
}
