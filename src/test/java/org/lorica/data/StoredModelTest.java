package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredModelTest {
  private static final String INDEX = "model.safetensors.index.json";

  @TempDir Path folder;

  @BeforeEach
  void twoShards() throws IOException {
    SafeTensors.write(folder.resolve("one.safetensors"), Map.of("a", entry(1, 2)));
    SafeTensors.write(folder.resolve("two.safetensors"), Map.of("b", entry(3)));
    index("{\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"}");
  }

  private static SafeTensors.Entry entry(float... values) {
    return new SafeTensors.Entry(List.of(values.length), values);
  }

  private void index(String weightMap) throws IOException {
    Files.writeString(folder.resolve(INDEX), "{\"weight_map\": " + weightMap + "}");
  }

  @Test
  void shardsAreOneModel() {
    StoredModel model = StoredModel.open(folder);
    assertThat(model.names()).containsExactlyInAnyOrder("a", "b");
    assertThat(model.floats("a")).containsExactly(1, 2);
    assertThat(model.floats("b")).containsExactly(3);
    assertThat(model.shape("a")).containsExactly(2);
    assertThatThrownBy(() -> model.floats("c")).hasMessageContainingAll(INDEX, "c");
  }

  @Test
  void indexAndShardsMustAgree() throws IOException {
    index("{\"a\": \"one.safetensors\"}");
    assertThat(StoredModel.open(folder).names()).containsExactly("a");
    index("{\"a\": \"one.safetensors\", \"c\": \"two.safetensors\"}");
    assertRefused("tensor c");
    index("{\"a\": \"one.safetensors\", \"b\": \"three.safetensors\"}");
    assertRefused("three.safetensors");
    index("{\"a\": \"../one.safetensors\"}");
    assertRefused("same folder");
    SafeTensors.write(folder.resolve("one.safetensors"), Map.of("a", entry(1), "extra", entry(1)));
    index("{\"a\": \"one.safetensors\"}");
    assertRefused("extra");
  }

  @Test
  void aSingleFileCountsBeforeAnIndexAndOtherFormatsAreNamed() throws IOException {
    SafeTensors.write(folder.resolve("model.safetensors"), Map.of("x", entry(1)));
    assertThat(StoredModel.open(folder).names()).containsExactly("x");
    Files.delete(folder.resolve("model.safetensors"));
    Files.delete(folder.resolve(INDEX));
    Files.writeString(folder.resolve("pytorch_model.bin"), "");
    assertRefused("pytorch_model.bin");
  }

  private void assertRefused(String part) {
    assertThatThrownBy(() -> StoredModel.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(part);
  }
}
