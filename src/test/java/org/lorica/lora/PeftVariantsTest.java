package org.lorica.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What PEFT's configurations say beyond rank, alpha and names. */
class PeftVariantsTest {
  private static final List<LoraModule> LAYERS =
      List.of(
          new LoraModule("bert.encoder.layer.0.attention.self.query", 4, 4),
          new LoraModule("bert.encoder.layer.0.attention.self.value", 4, 4),
          new LoraModule("bert.encoder.layer.1.attention.self.query", 4, 4));

  @TempDir private Path dir;

  private PeftConfig read(String targets, String more) throws IOException {
    String json = "{\"r\": 2, \"lora_alpha\": 4, \"target_modules\": " + targets + more + "}";
    Files.writeString(dir.resolve(PeftConfig.FILE), json);
    return PeftConfig.read(dir);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r          | 4.5     | a whole number",
        "r          | \"4\"   | a whole number",
        "lora_alpha | \"8\"   | a number",
        "use_rslora | \"yes\" | true or false"
      })
  void whatIsNoNumberIsNotTakenForOne(String key, String value, String expected) {
    assertThatThrownBy(() -> read("[\"query\"]", ", \"" + key + "\": " + value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(PeftConfig.FILE + ": " + key + " must be " + expected)
        .hasMessageEndingWith(", found " + value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peft_type | \"IA3\"",
        "bias | \"lora_only\"",
        "use_dora | true",
        "lora_bias | true",
        "alora_invocation_tokens | [1,2]",
        "layer_replication | [[0,2]]",
        "trainable_token_indices | [3]",
        "target_parameters | [\"w\"]",
        "init_lora_weights | \"pissa\"",
        "init_lora_weights | \"pissa_niter_16\"",
        "init_lora_weights | \"olora\"",
        "init_lora_weights | \"loftq\"",
        "init_lora_weights | \"something new\"",
      })
  void whatChangesTheMeaningOfTheFactorsIsRefusedByName(String key, String value) {
    assertThatThrownBy(() -> read("[\"query\"]", ", \"" + key + "\": " + value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(PeftConfig.FILE, key + ": expected", "found " + value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peft_type | \"LORA\"",
        "bias | \"none\"",
        "use_dora | false",
        "layer_replication | null",
        "loftq_config | {}",
        "trainable_token_indices | []",
        "init_lora_weights | true",
        "init_lora_weights | \"gaussian\"",
        "init_lora_weights | \"eva\"",
        "lora_dropout | 0.3",
      })
  void whatDoesNotIsRead(String key, String value) throws IOException {
    PeftConfig read = read("[\"query\"]", ", \"" + key + "\": " + value);
    assertThat(read.targetModules()).containsExactly("query");
    assertThat(read.selection()).isEqualTo(PeftConfig.Selection.LISTED);
  }

  /** The file's tensors tell, where more than a list of names selects. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\".*\\\\.0\\\\..*(query|value)\" | ''",
        "[\"query\"] | , \"layers_to_transform\": [0]",
        "[\"query\"] | , \"exclude_modules\": [\"layer.1.attention.self.query\"]",
      })
  void modulesThatAreSelectedOtherwiseAreThoseWithFactors(String targets, String more)
      throws IOException {
    PeftConfig config = read(targets, more);
    assertThat(config.selection()).isEqualTo(PeftConfig.Selection.OTHERWISE);
    Set<String> tensors =
        Set.of("base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight");
    assertThat(TargetModules.stored(LAYERS, config, m -> PeftAdapter.adapts(tensors, m)))
        .containsExactly(LAYERS.get(0));
    assertThatThrownBy(() -> TargetModules.stored(LAYERS, config, m -> false))
        .hasMessageContaining("names no linear module of the model")
        .hasMessageContaining("attention.self.query");
  }

  /** As PEFT has it: entries that match nothing are no error as long as another one does. */
  @Test
  void aListMayNameMoreThanTheModelHas() throws IOException {
    PeftConfig both = read("[\"query\", \"q_proj\", \"classifier\"]", "");
    assertThat(TargetModules.stored(LAYERS, both, m -> false))
        .containsExactly(LAYERS.get(0), LAYERS.get(2));
    PeftConfig other = read("[\"q_proj\"]", "");
    assertThatThrownBy(() -> TargetModules.stored(LAYERS, other, m -> true))
        .hasMessageContaining("[q_proj]");
    PeftConfig none = read("\"dummy-target-modules\"", "");
    assertThat(TargetModules.stored(LAYERS, none, m -> true)).isEmpty();
  }

  @Test
  void anAdapterOfNoModuleIsWrittenAsPeftHasIt() throws IOException {
    PeftConfig.Origin origin = new PeftConfig.Origin("", "base", List.of("classifier"));
    LoraRanks ranks = new LoraRanks(2, 4, LoraRanks.Divisor.RANK);
    new PeftConfig(ranks, List.of("none"), origin).write(dir);
    assertThat(Files.readString(dir.resolve(PeftConfig.FILE)))
        .contains("\"target_modules\" : \"dummy-target-modules\"")
        .contains("\"task_type\" : null");
    assertThat(PeftConfig.read(dir)).isEqualTo(new PeftConfig(ranks, List.of("none"), origin));
  }
}
