package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.SafeTensors;
import org.lorica.testing.TinyScenario;

/** A tokenizer that marks second texts needs a model that knows the mark: said before training. */
class PairSegmentsTest {
  private static final String TYPES = "bert.embeddings.token_type_embeddings.weight";

  @TempDir private Path dir;

  private Workbench workbench(TinyScenario scenario, String... settings) {
    return Workbench.shared(scenario.load(settings).resolvedHocon());
  }

  @Test
  void pairsNeedAModelThatTellsTheirSegmentsApart() throws IOException {
    TinyScenario scenario = TinyScenario.in(dir);
    Path data = dir.resolve("data.jsonl");
    Files.writeString(data, Files.readString(data).replace("{", "{\"other\":\"bad\","));
    String pairs = "data.columns.text2=other";
    assertThat(workbench(scenario, pairs).population().clients()).isEqualTo(9);

    Path model = dir.resolve("model");
    Path config = model.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config).replaceFirst("\"type_vocab_size\": 2", "\"type_vocab_size\": 1"));
    SafeTensors stored = SafeTensors.open(model.resolve("model.safetensors"));
    Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
    for (String name : stored.names()) {
      tensors.put(name, new SafeTensors.Entry(stored.shape(name), stored.floats(name)));
    }
    tensors.put(TYPES, new SafeTensors.Entry(List.of(1, 8), new float[8]));
    SafeTensors.write(model.resolve("model.safetensors"), tensors);
    assertThatThrownBy(() -> workbench(scenario, pairs, "seed=7"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("type_vocab_size must be > 1 for pairs of texts")
        .hasMessageEndingWith("found 1");
    assertThat(workbench(scenario, "seed=8").population().clients()).isEqualTo(9);
  }
}
