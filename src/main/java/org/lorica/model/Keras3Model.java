package org.lorica.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.KerasModel;
import org.deeplearning4j.nn.modelimport.keras.KerasSequentialModel;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A Sequential model that Keras 3 saved as HDF5. DL4J's importer knows versions 1 and 2: it is
 * given the configuration in the words of version 2, and the weights from where version 3 puts them
 * ({@code model_weights/LAYER/MODEL/LAYER/kernel}).
 */
final class Keras3Model {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WEIGHTS = "model_weights";
  private static final String SPOKEN = "2.9.0"; // the version whose words are spoken

  private Keras3Model() {}

  /** Whether the file says that version 3 wrote it. */
  static boolean is(Path file) throws UnsupportedKerasConfigurationException {
    try (Hdf5Archive archive = new Hdf5Archive(file.toString())) {
      return archive.hasAttribute("keras_version")
          && archive.readAttributeAsString("keras_version").startsWith("3.");
    }
  }

  static MultiLayerNetwork load(Path file)
      throws IOException,
          InvalidKerasConfigurationException,
          UnsupportedKerasConfigurationException {
    try (Hdf5Archive archive = new Hdf5Archive(file.toString())) {
      ObjectNode configuration =
          (ObjectNode) JSON.readTree(archive.readAttributeAsJson("model_config"));
      String kind = configuration.path("class_name").asText();
      if (!kind.equals("Sequential")) {
        throw new InvalidKerasConfigurationException(
            "Model class name must be Sequential (found " + kind + ")");
      }
      KerasSequentialModel model =
          new KerasModel()
              .modelBuilder()
              .modelJson(JSON.writeValueAsString(spoken(configuration)))
              .enforceTrainingConfig(false)
              .buildSequential();
      for (KerasLayer layer : model.getLayersOrdered()) {
        if (layer.getNumParams() > 0) {
          layer.setWeights(weights(archive, layer.getLayerName()));
        }
      }
      return model.getMultiLayerNetwork(true);
    }
  }

  private static Map<String, INDArray> weights(Hdf5Archive archive, String layer)
      throws UnsupportedKerasConfigurationException {
    List<String> path = new ArrayList<>(List.of(WEIGHTS, layer));
    List<String> names = archive.getDataSets(path.toArray(String[]::new));
    while (names.isEmpty()) {
      List<String> inner = archive.getGroups(path.toArray(String[]::new));
      if (inner.size() != 1) {
        throw new IllegalArgumentException("no weights of layer " + layer);
      }
      path.add(inner.get(0));
      names = archive.getDataSets(path.toArray(String[]::new));
    }
    Map<String, INDArray> weights = new HashMap<>();
    for (String name : names) {
      weights.put(name, archive.readDataSet(name, path.toArray(String[]::new)));
    }
    return weights;
  }

  private static ObjectNode spoken(ObjectNode configuration) {
    inWordsOf2(configuration);
    return configuration.put("keras_version", SPOKEN).put("backend", "tensorflow");
  }

  /** Types by name instead of as an object, and the input's shape under its old name. */
  private static void inWordsOf2(JsonNode node) {
    if (node instanceof ObjectNode object) {
      JsonNode type = object.path("dtype").path("config").path("name");
      if (type.isTextual()) {
        object.set("dtype", type);
      }
      if (object.has("batch_shape")) {
        object.set("batch_input_shape", object.remove("batch_shape"));
      }
    }
    node.forEach(Keras3Model::inWordsOf2);
  }
}
