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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.data.Example;
import org.lorica.data.Image;
import org.lorica.data.ImageShape;
import org.lorica.data.Target;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;
import org.lorica.testing.KerasFile;
import org.lorica.testing.KerasFile.Tensor;

/** Keras' HDF5 files against loops over the numbers that were written. */
class KerasNetworkTest {
  private static final long SEED = 41;
  private static final double STEP = 0x1p-10;

  @TempDir private Path dir;
  private final SplittableRandom random = new SplittableRandom(SEED);

  private Tensor tensor(String name, Integer... shape) {
    int size = 1;
    for (int side : shape) {
      size *= side;
    }
    List<Float> values = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      values.add((float) random.nextGaussian() / 2);
    }
    return new Tensor(name, List.of(shape), values);
  }

  /** What every layer of Keras says besides its size. */
  private static String common(String activation) {
    return "\"activation\": \"%s\", \"use_bias\": true, \"kernel_regularizer\": null,"
            .formatted(activation)
        + " \"bias_regularizer\": null, \"activity_regularizer\": null,"
        + " \"kernel_constraint\": null, \"bias_constraint\": null,"
        + " \"kernel_initializer\": {\"class_name\": \"GlorotUniform\", \"config\": {}},"
        + " \"bias_initializer\": {\"class_name\": \"Zeros\", \"config\": {}}";
  }

  private static String dense(int units, String activation) {
    return "\"units\": %d, ".formatted(units) + common(activation);
  }

  private Model load(Path file) {
    Optional<Integer> size = file.toString().contains("conv") ? Optional.of(3) : Optional.empty();
    return Models.load(
        file, new Nd4jKernels(Precision.FLOAT64), new LoadOptions(size, Optional.empty()));
  }

  private List<Example> batch(ImageShape shape) {
    List<Example> batch = new ArrayList<>();
    for (int e = 0; e < 3; e++) {
      float[] pixels = new float[shape.size()];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (float) random.nextGaussian();
      }
      batch.add(new Example(Image.of(shape, pixels), new Target.Label(e)));
    }
    return batch;
  }

  private static double[] product(Tensor kernel, Tensor bias, double[] x) {
    int out = bias.values().size();
    double[] y = new double[out];
    for (int j = 0; j < out; j++) {
      y[j] = bias.values().get(j);
      for (int i = 0; i < x.length; i++) {
        y[j] += x[i] * kernel.values().get(i * out + j);
      }
    }
    return y;
  }

  private static double[] pixels(Example example) {
    Image image = (Image) example.input();
    float[] values = new float[image.shape().size()];
    image.copyTo(values, 0);
    double[] all = new double[values.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = values[i];
    }
    return all;
  }

  private static double[] tanh(double[] x) {
    return java.util.Arrays.stream(x).map(Math::tanh).toArray();
  }

  private static void assertLogits(Model model, List<Example> batch, List<double[]> expected) {
    AdapterLayout layout = new AdapterLayout(model.linearModules(), List.of(), 1, 1);
    Predictions found = model.worker(layout).predict(new float[layout.size()], batch);
    for (int e = 0; e < batch.size(); e++) {
      for (int c = 0; c < expected.get(e).length; c++) {
        assertThat((double) found.logits(e)[c]).isCloseTo(expected.get(e)[c], within(1e-5));
      }
    }
  }

  private Path denseFile(Tensor[] t, String lastActivation) {
    return dense(t, lastActivation).write(dir.resolve("dense.h5"));
  }

  private static KerasFile dense(Tensor[] t, String lastActivation) {
    return new KerasFile()
        .layer("Dense", "\"batch_input_shape\": [null, 9], " + dense(5, "tanh"), t[0], t[1])
        .layer("Dropout", "\"rate\": 0.5, \"noise_shape\": null, \"seed\": null")
        .layer("Dense", dense(3, lastActivation), t[2], t[3]);
  }

  private Tensor[] denseTensors() {
    return new Tensor[] {
      tensor("kernel", 9, 5), tensor("bias", 5), tensor("kernel", 5, 3), tensor("bias", 3)
    };
  }

  @Test
  void denseLayersAreTheFilesOwn() {
    Tensor[] t = denseTensors();
    Model model = load(denseFile(t, "softmax"));
    assertThat(model.linearModules())
        .containsExactly(new LoraModule("dense_0", 5, 9), new LoraModule("dense_2", 3, 5));
    assertThat(model.image()).contains(new ImageShape(1, 3, 3));
    assertThat(model.task()).isEqualTo(Model.Task.SEQUENCE_CLASSIFICATION);
    List<Example> batch = batch(model.image().orElseThrow());
    List<double[]> expected = new ArrayList<>();
    for (Example example : batch) {
      expected.add(product(t[2], t[3], tanh(product(t[0], t[1], pixels(example)))));
    }
    assertLogits(model, batch, expected);
  }

  /** The same weights give the same network, to the bit; docs/interop/check.py has real files. */
  @Test
  void aFileOfKeras3IsReadLikeOneOfKeras2() {
    Tensor[] t = convolutionTensors();
    Tensor[] d = denseTensors();
    Path second = dir.resolve("conv2.h5");
    Path third = dir.resolve("conv3.h5");
    assertSame(load(convolution(t).write(second)), load(convolution(t).writeAsKeras3(third)));
    assertSame(
        load(dense(d, "softmax").write(dir.resolve("d2.h5"))),
        load(dense(d, "softmax").writeAsKeras3(dir.resolve("d3.h5"))));
    KerasFile empty =
        new KerasFile().layer("Dense", "\"batch_input_shape\": [null, 9], " + dense(5, "softmax"));
    assertThatThrownBy(() -> load(empty.writeAsKeras3(dir.resolve("e3.h5"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no weights of layer dense_0");
  }

  private void assertSame(Model second, Model third) {
    assertThat(third.linearModules()).isEqualTo(second.linearModules());
    List<Example> batch = batch(second.image().orElseThrow());
    AdapterLayout layout = new AdapterLayout(second.linearModules(), List.of(), 1, 1);
    float[] none = new float[layout.size()];
    Predictions expected = second.worker(layout).predict(none, batch);
    Predictions found = third.worker(layout).predict(none, batch);
    for (int e = 0; e < batch.size(); e++) {
      assertThat(found.logits(e)).isEqualTo(expected.logits(e));
    }
  }

  /** A configuration of many kilobytes is read whole. */
  @Test
  void deepNetworksAreReadToo() {
    KerasFile file =
        new KerasFile()
            .layer(
                "Dense",
                "\"batch_input_shape\": [null, 9], " + dense(9, "tanh"),
                tensor("kernel", 9, 9),
                tensor("bias", 9));
    for (int i = 0; i < 30; i++) {
      file.layer("Dense", dense(9, "tanh"), tensor("kernel", 9, 9), tensor("bias", 9));
    }
    file.layer("Dense", dense(2, "softmax"), tensor("kernel", 9, 2), tensor("bias", 2));
    assertThat(load(file.write(dir.resolve("deep.h5"))).linearModules()).hasSize(32);
  }

  private Path convolutionFile(Tensor[] t) {
    return convolution(t).write(dir.resolve("conv.h5"));
  }

  private static KerasFile convolution(Tensor[] t) {
    return new KerasFile()
        .layer(
            "Conv2D",
            "\"batch_input_shape\": [null, 3, 3, 2], \"filters\": 4, \"kernel_size\": [2, 2],"
                + " \"strides\": [1, 1], \"padding\": \"valid\", \"dilation_rate\": [1, 1],"
                + " \"data_format\": \"channels_last\", "
                + common("tanh"),
            t[0],
            t[1])
        .layer("Flatten", "\"data_format\": \"channels_last\"")
        .layer("Dense", dense(3, "softmax"), t[2], t[3]);
  }

  private Tensor[] convolutionTensors() {
    return new Tensor[] {
      tensor("kernel", 2, 2, 2, 4), tensor("bias", 4), tensor("kernel", 16, 3), tensor("bias", 3)
    };
  }

  /** Keras has channels last, and flattens so; images here have them first. */
  @Test
  void convolutionsSeeChannelsWhereKerasHasThem() {
    Tensor[] t = convolutionTensors();
    Model model = load(convolutionFile(t));
    assertThat(model.image()).contains(new ImageShape(2, 3, 3));
    assertThat(model.linearModules()).containsExactly(new LoraModule("dense_2", 3, 16));
    List<Example> batch = batch(model.image().orElseThrow());
    List<double[]> expected = new ArrayList<>();
    for (Example example : batch) {
      double[] x = pixels(example); // channel, row, column
      double[] flat = new double[16]; // row, column, channel
      for (int row = 0; row < 2; row++) {
        for (int column = 0; column < 2; column++) {
          double[] patch = new double[8];
          for (int i = 0; i < 8; i++) {
            patch[i] = x[9 * (i % 2) + 3 * (row + i / 4) + column + i / 2 % 2];
          }
          double[] y = tanh(product(t[0], t[1], patch));
          System.arraycopy(y, 0, flat, 4 * (2 * row + column), 4);
        }
      }
      expected.add(product(t[2], t[3], flat));
    }
    assertLogits(model, batch, expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "conv"})
  void perExampleGradientsAreSlopes(String kind) {
    Model model =
        load(
            kind.equals("dense")
                ? denseFile(denseTensors(), "softmax")
                : convolutionFile(convolutionTensors()));
    AdapterLayout layout = new AdapterLayout(model.linearModules(), model.headModules(), 1, 0.5);
    float[] adapter = new float[layout.size()];
    for (int i = 0; i < adapter.length; i++) {
      adapter[i] = random.nextInt(-500, 501) / 1024f;
    }
    List<Example> batch = batch(model.image().orElseThrow());
    Worker worker = model.worker(layout);
    ActiveTensors all = ActiveTensors.of(layout, slot -> true);
    for (int e = 0; e < batch.size(); e++) {
      double[] only = new double[batch.size()];
      only[e] = 1;
      double[] gradient = new double[all.size()];
      worker.gradients(adapter, all, batch).addScaledTo(only, gradient);
      float[] up = adapter.clone();
      float[] down = adapter.clone();
      double along = 0;
      for (int i = 0; i < adapter.length; i++) {
        int direction = random.nextInt(-1, 2);
        along += direction * gradient[i];
        up[i] += (float) (direction * STEP);
        down[i] -= (float) (direction * STEP);
      }
      double slope = worker.predict(up, batch).loss(e) - worker.predict(down, batch).loss(e);
      assertThat(slope / (2 * STEP)).as("seed %d", SEED).isCloseTo(along, within(2e-4));
    }
  }

  @Test
  void whatIsNoSuchModelIsRefusedInALine() throws IOException {
    Path sigmoid = denseFile(denseTensors(), "sigmoid");
    assertThatThrownBy(() -> load(sigmoid))
        .hasMessageStartingWith(sigmoid + ": the output layer: expected softmax");
    Path empty = new KerasFile().write(dir.resolve("empty.h5"));
    assertThatThrownBy(() -> load(empty))
        .hasMessageStartingWith(empty + ": expected a Sequential model of Keras");
    Path text = Files.writeString(dir.resolve("text.h5"), "no HDF5");
    assertThatThrownBy(() -> load(text))
        .hasMessageContaining("expected a MultiLayerNetwork of DL4J's ModelSerializer, or HDF5");
  }
}
