package org.lorica.testing;

import static org.bytedeco.hdf5.global.hdf5.H5Aclose;
import static org.bytedeco.hdf5.global.hdf5.H5Acreate2;
import static org.bytedeco.hdf5.global.hdf5.H5Awrite;
import static org.bytedeco.hdf5.global.hdf5.H5Dclose;
import static org.bytedeco.hdf5.global.hdf5.H5Dcreate2;
import static org.bytedeco.hdf5.global.hdf5.H5Dwrite;
import static org.bytedeco.hdf5.global.hdf5.H5F_ACC_TRUNC;
import static org.bytedeco.hdf5.global.hdf5.H5Fclose;
import static org.bytedeco.hdf5.global.hdf5.H5Fcreate;
import static org.bytedeco.hdf5.global.hdf5.H5Gclose;
import static org.bytedeco.hdf5.global.hdf5.H5Gcreate2;
import static org.bytedeco.hdf5.global.hdf5.H5P_DEFAULT;
import static org.bytedeco.hdf5.global.hdf5.H5S_ALL;
import static org.bytedeco.hdf5.global.hdf5.H5Sclose;
import static org.bytedeco.hdf5.global.hdf5.H5Screate_simple;
import static org.bytedeco.hdf5.global.hdf5.H5T_C_S1_g;
import static org.bytedeco.hdf5.global.hdf5.H5T_NATIVE_DOUBLE_g;
import static org.bytedeco.hdf5.global.hdf5.H5T_NATIVE_FLOAT_g;
import static org.bytedeco.hdf5.global.hdf5.H5Tclose;
import static org.bytedeco.hdf5.global.hdf5.H5Tcopy;
import static org.bytedeco.hdf5.global.hdf5.H5Tset_size;
import static org.bytedeco.hdf5.global.hdf5.H5open;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;

/** A Sequential model as Keras 2 or 3 saves it in HDF5, written through the HDF5 library itself. */
public final class KerasFile {
  private final List<Layer> layers = new ArrayList<>();

  private record Layer(String json, String name, List<Tensor> tensors) {}

  /** One weight: {@code kernel} or {@code bias}. */
  public record Tensor(String name, List<Integer> shape, List<Float> values) {}

  /** Adds a layer; {@code config} are JSON members after its name. */
  public KerasFile layer(String kind, String config, Tensor... tensors) {
    String name = kind.toLowerCase(java.util.Locale.ROOT) + "_" + layers.size();
    String json =
        "{\"class_name\": \"%s\", \"config\": {\"name\": \"%s\", \"trainable\": true, \"dtype\": \"float32\", %s}}"
            .formatted(kind, name, config);
    layers.add(new Layer(json, name, List.of(tensors)));
    return this;
  }

  /** Writes the file as Keras 2.9 does. */
  public Path write(Path file) {
    String json = String.join(", ", layers.stream().map(Layer::json).toList());
    return write(file, json, "2.9.0");
  }

  /** Writes the file as Keras 3.15 does: an input layer, types as objects, other paths. */
  public Path writeAsKeras3(Path file) {
    String json = String.join(", ", layers.stream().map(Layer::json).toList());
    String shape = json.replaceFirst(".*?\"batch_input_shape\": (\\[.*?\\]), .*", "$1");
    String type =
        "{\"module\": \"keras\", \"class_name\": \"DTypePolicy\", \"config\": {\"name\": \"float32\"},"
            + " \"registered_name\": null}";
    String input =
        "{\"class_name\": \"InputLayer\", \"config\": {\"batch_shape\": %s, \"dtype\": \"float32\", \"name\": \"i\"}}, "
            .formatted(shape);
    String newer =
        json.replaceFirst("\"batch_input_shape\": \\[.*?\\], ", "")
            .replace("\"dtype\": \"float32\"", "\"dtype\": " + type);
    return write(file, input + newer, "3.15.1");
  }

  private Path write(Path file, String json, String version) {
    boolean newer = version.startsWith("3");
    H5open();
    long all = H5Fcreate(file.toString(), H5F_ACC_TRUNC(), H5P_DEFAULT, H5P_DEFAULT);
    texts(
        all,
        "model_config",
        "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": ["
            + json
            + "]}}");
    texts(all, "keras_version", version);
    texts(all, "backend", "tensorflow");
    long weights = group(all, "model_weights");
    texts(weights, "keras_version", version);
    texts(weights, "backend", "tensorflow");
    for (Layer layer : layers) {
      long outer = group(weights, layer.name());
      if (!layer.tensors().isEmpty()) {
        texts(
            outer,
            "weight_names",
            layer.tensors().stream()
                .map(t -> layer.name() + "/" + t.name() + (newer ? "" : ":0"))
                .toArray(String[]::new));
        long middle = newer ? group(outer, "s") : outer;
        long inner = group(middle, layer.name());
        layer.tensors().forEach(t -> tensor(inner, t.name() + (newer ? "" : ":0"), t));
        H5Gclose(inner);
        if (newer) {
          H5Gclose(middle);
        }
      } else {
        noTexts(outer, "weight_names");
      }
      H5Gclose(outer);
    }
    H5Gclose(weights);
    H5Fclose(all);
    return file;
  }

  private static long group(long parent, String name) {
    return H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  }

  /** An attribute of texts of one length, as many bytes as the longest has. */
  private static void texts(long at, String name, String... values) {
    int size = 0;
    for (String value : values) {
      size = Math.max(size, value.length());
    }
    byte[] bytes = new byte[size * values.length];
    for (int i = 0; i < values.length; i++) {
      byte[] value = values[i].getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(value, 0, bytes, i * size, value.length);
    }
    long type = H5Tcopy(H5T_C_S1_g());
    H5Tset_size(type, size);
    long space = H5Screate_simple(1, new LongPointer(new long[] {values.length}), null);
    long attribute = H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, type, new BytePointer(bytes));
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
  }

  /** An empty list, which h5py takes for one of numbers. */
  private static void noTexts(long at, String name) {
    long space = H5Screate_simple(1, new LongPointer(new long[] {0}), null);
    long type = H5T_NATIVE_DOUBLE_g();
    H5Aclose(H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
  }

  private static void tensor(long at, String name, Tensor tensor) {
    long[] shape = tensor.shape().stream().mapToLong(n -> n).toArray();
    float[] values = new float[tensor.values().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.values().get(i);
    }
    long space = H5Screate_simple(shape.length, new LongPointer(shape), null);
    long type = H5T_NATIVE_FLOAT_g();
    long data = H5Dcreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, new FloatPointer(values));
    H5Dclose(data);
    H5Sclose(space);
  }
}
