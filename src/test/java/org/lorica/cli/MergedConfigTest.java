package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.model.Model;

class MergedConfigTest {
  private static final String THREE =
      "{\"model_type\":\"roberta\",\"architectures\":[\"RobertaModel\"],\"pad_token_id\":1,"
          + "\"id2label\":{\"0\":\"a\",\"1\":\"b\",\"2\":\"c\"},\"num_labels\":3}";

  @TempDir private Path dir;

  private JsonNode updated(String before, MergedConfig config) throws IOException {
    Path file = Files.writeString(dir.resolve("config.json"), before);
    config.updateInPlace(dir);
    return new ObjectMapper().readTree(Files.readString(file));
  }

  private static MergedConfig classes(int outputs, String... labels) {
    return new MergedConfig(Model.Task.SEQUENCE_CLASSIFICATION, outputs, List.of(labels));
  }

  @Test
  void otherClassesAreNamedAfterTheDataOrNumbered() throws IOException {
    JsonNode named = updated(THREE, classes(2, "no", "yes"));
    assertThat(named.path("num_labels").asInt()).isEqualTo(2);
    assertThat(named.path("id2label")).hasSize(2);
    assertThat(named.at("/id2label/1").asText()).isEqualTo("yes");
    assertThat(named.at("/label2id/yes").asInt()).isEqualTo(1);
    assertThat(named.at("/architectures/0").asText()).isEqualTo("RobertaForSequenceClassification");
    assertThat(named.path("pad_token_id").asInt()).isEqualTo(1);
    JsonNode numbered = updated(THREE, classes(4, "no", "yes"));
    assertThat(numbered.at("/id2label/3").asText()).isEqualTo("LABEL_3");
  }

  @Test
  void asManyClassesAsBeforeKeepTheirNames() throws IOException {
    assertThat(updated(THREE, classes(3)).at("/id2label/2").asText()).isEqualTo("c");
    assertThat(updated("{\"model_type\":\"vit\"}", classes(2))).hasSize(1); // 2 when silent
    JsonNode broken = updated(THREE.replace("labels\":3", "labels\":5"), classes(3));
    assertThat(broken.path("num_labels").asInt()).isEqualTo(3);
  }

  @Test
  void anotherTaskIsSaid() throws IOException {
    JsonNode value = updated(THREE, new MergedConfig(Model.Task.REGRESSION, 1, List.of()));
    assertThat(value.path("num_labels").asInt()).isEqualTo(1);
    assertThat(value.path("id2label")).hasSize(1);
    assertThat(value.path("problem_type").asText()).isEqualTo("regression");
    JsonNode span = updated(THREE, new MergedConfig(Model.Task.QUESTION_ANSWERING, 2, List.of()));
    assertThat(span.at("/architectures/0").asText()).isEqualTo("RobertaForQuestionAnswering");
    assertThat(span.path("id2label")).hasSize(3);
  }

  @Test
  void theTypeIsThatOfTheWrittenWeights() throws IOException {
    String before = "{\"dtype\":\"bfloat16\",\"torch_dtype\":\"float16\",\"hidden_size\":8}";
    Path file = Files.writeString(dir.resolve("config.json"), before);
    MergedConfig.nameTypeInPlace(dir);
    JsonNode after = new ObjectMapper().readTree(Files.readString(file));
    assertThat(after.path("dtype").asText()).isEqualTo("float32");
    assertThat(after.path("torch_dtype").asText()).isEqualTo("float32");
    assertThat(after.path("hidden_size").asInt()).isEqualTo(8);
    Files.writeString(file, "{\"dtype\":\"float32\",\"torch_dtype\":null}");
    MergedConfig.nameTypeInPlace(dir);
    assertThat(Files.readString(file)).isEqualTo("{\"dtype\":\"float32\",\"torch_dtype\":null}");
  }
}
