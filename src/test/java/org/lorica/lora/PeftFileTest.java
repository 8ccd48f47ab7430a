package org.lorica.lora;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is exported, read by a reader that shares no code with the writer: the format's few lines of
 * specification, over again.
 */
class PeftFileTest {
  private static final AdapterLayout LAYOUT =
      new AdapterLayout(
          List.of(new LoraModule("m.0.query", 5, 3), new LoraModule("m.0.value", 4, 3)),
          List.of(
              new LoraModule("classifier.weight", 2, 4), new LoraModule("classifier.bias", 1, 2)),
          2,
          8.0);

  @TempDir private Path dir;

  private record Stored(List<Integer> shape, List<Float> values) {}

  /** Length of the header, header, values; little endian. */
  private static Map<String, Stored> read(Path file) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[(int) all.getLong()];
    all.get(header);
    int begin = all.position();
    assertThat(begin % 8).isZero();
    JsonNode json = new ObjectMapper().readTree(new String(header, StandardCharsets.UTF_8));
    Map<String, Stored> tensors = new LinkedHashMap<>();
    int covered = 0;
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (field.getKey().equals("__metadata__")) {
        continue;
      }
      assertThat(field.getValue().get("dtype").asText()).isEqualTo("F32");
      List<Integer> shape = new ArrayList<>();
      field.getValue().get("shape").forEach(n -> shape.add(n.asInt()));
      int from = field.getValue().get("data_offsets").get(0).asInt();
      int to = field.getValue().get("data_offsets").get(1).asInt();
      assertThat(from).as("no holes").isEqualTo(covered);
      covered = to;
      List<Float> values = new ArrayList<>();
      for (int at = from; at < to; at += 4) {
        values.add(all.getFloat(begin + at));
      }
      tensors.put(field.getKey(), new Stored(shape, values));
    }
    assertThat(begin + covered).as("nothing after the last").isEqualTo(all.capacity());
    return tensors;
  }

  @Test
  void everyTensorIsThereUnderPeftsNameAndComesBack() throws IOException {
    float[] values = new float[LAYOUT.size()];
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    AdapterSet adapter = AdapterSet.of(LAYOUT, values);
    PeftConfig config =
        new PeftConfig(
            new LoraRanks(2, 16, LoraRanks.Divisor.RANK),
            List.of("query", "value"),
            new PeftConfig.Origin("SEQ_CLS", "base", List.of("classifier")));
    PeftAdapter.write(dir, adapter, config);
    Map<String, Stored> found = read(dir.resolve("adapter_model.safetensors"));
    assertThat(found.keySet())
        .containsExactlyInAnyOrder(
            "base_model.model.m.0.query.lora_B.weight",
            "base_model.model.m.0.query.lora_A.weight",
            "base_model.model.m.0.value.lora_B.weight",
            "base_model.model.m.0.value.lora_A.weight",
            "base_model.model.classifier.weight",
            "base_model.model.classifier.bias");
    for (TensorSlot slot : LAYOUT.slots()) {
      String name =
          "base_model.model."
              + slot.module()
              + (slot.role() == Role.HEAD ? "" : ".lora_" + slot.role() + ".weight");
      Stored tensor = found.get(name);
      boolean vector = slot.module().endsWith("bias");
      assertThat(tensor.shape())
          .as(name)
          .isEqualTo(vector ? List.of(slot.cols()) : List.of(slot.rows(), slot.cols()));
      List<Float> expected = new ArrayList<>();
      for (int i = slot.offset(); i < slot.end(); i++) {
        expected.add(values[i]);
      }
      assertThat(tensor.values()).as(name).isEqualTo(expected);
    }
    AdapterSet zero = AdapterSet.of(LAYOUT, new float[LAYOUT.size()]);
    assertThat(PeftAdapter.read(dir, zero)).isEqualTo(adapter);
  }
}
