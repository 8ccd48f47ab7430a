package org.lorica.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.modelimport.keras.KerasModelImport;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A Sequential model that Keras saved as HDF5, through DL4J's importer. Its last layer is a Dense
 * one there; here it becomes an output layer, softmax with cross-entropy or one value with squared
 * error, whatever loss the file was trained with.
 */
final class KerasNetwork {
  private static final byte[] MAGIC = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

  private KerasNetwork() {}

  /** Whether a file's first bytes are those of HDF5. */
  static boolean is(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  static MultiLayerNetwork load(Path file) {
    MultiLayerNetwork imported;
    try {
      imported =
          Keras3Model.is(file)
              ? Keras3Model.load(file)
              : KerasModelImport.importKerasSequentialModelAndWeights(file.toString(), false);
    } catch (IOException
        | InvalidKerasConfigurationException
        | UnsupportedKerasConfigurationException
        | RuntimeException e) {
      throw new IllegalArgumentException(
          file
              + ": expected a Sequential model of Keras with its configuration and weights, found "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse("none"),
          e);
    }
    return withOutputLayer(file, imported);
  }

  private static MultiLayerNetwork withOutputLayer(Path file, MultiLayerNetwork imported) {
    MultiLayerConfiguration conf = imported.getLayerWiseConfigurations().clone();
    List<NeuralNetConfiguration> layers = new ArrayList<>(conf.getConfs());
    if (layers.get(layers.size() - 1).getLayer() instanceof LossLayer) {
      layers.remove(layers.size() - 1);
    }
    NeuralNetConfiguration last = layers.get(layers.size() - 1);
    if (!(last.getLayer() instanceof DenseLayer dense)) {
      throw new IllegalArgumentException(
          file
              + ": the last layer: expected a Dense layer with its activation, found "
              + last.getLayer().getClass().getSimpleName());
    }
    last.setLayer(output(dense));
    conf.setConfs(layers);
    MultiLayerNetwork network = new MultiLayerNetwork(conf);
    network.init(imported.params(), true);
    return network;
  }

  private static OutputLayer output(DenseLayer dense) {
    boolean classes = dense.getActivationFn() instanceof ActivationSoftmax;
    OutputLayer output =
        new OutputLayer.Builder(classes ? LossFunction.MCXENT : LossFunction.MSE)
            .nIn(dense.getNIn())
            .nOut(dense.getNOut())
            .activation(dense.getActivationFn())
            .hasBias(dense.hasBias())
            .name(dense.getLayerName())
            .build();
    output.setIUpdater(dense.getIUpdater());
    output.setWeightInitFn(dense.getWeightInitFn());
    return output;
  }
}
