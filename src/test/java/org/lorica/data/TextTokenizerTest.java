package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTokenizerTest {
  private static final int CLS = 2;
  private static final int SEP = 3;

  @TempDir private Path dir;

  @Test
  void everyByteIsItsOwnTokenBetweenTheSpecialOnes() throws IOException {
    ByteTokenizerFile.write(dir.resolve("tokenizer.json"));
    try (TextTokenizer tokenizer = TextTokenizer.open(dir)) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(260);
      for (String text : new String[] {"abc", "Île d’Yeu", "  two  ", "żółw, ñ", "日本"}) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = tokenizer.encode(text, 100);
        assertThat(ids).hasSize(bytes.length + 2);
        assertThat(ids[0]).isEqualTo(CLS);
        assertThat(ids[ids.length - 1]).isEqualTo(SEP);
        for (int i = 0; i < bytes.length; i++) {
          assertThat(ids[i + 1]).isEqualTo(4 + (bytes[i] & 0xFF));
        }
      }
    }
  }

  @Test
  void aLongTextIsCutBeforeItsClosingToken() throws IOException {
    ByteTokenizerFile.write(dir.resolve("tokenizer.json"));
    try (TextTokenizer tokenizer = TextTokenizer.open(dir)) {
      assertThat(tokenizer.encode("abcdef", 4)).containsExactly(CLS, 4 + 'a', 4 + 'b', SEP);
    }
  }

  /** The byte tokenizer stands for a LLaMA's that opens and closes texts. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"tokenizer_class\": \"LlamaTokenizerFast\", \"add_bos_token\": false} | add_bos_token must be true",
        "{\"tokenizer_class\": \"LlamaTokenizer\", \"add_eos_token\": false} | add_eos_token must be true",
        "{\"tokenizer_class\": \"LlamaTokenizer\", \"add_eos_token\": true, \"add_bos_token\": true} |",
        "{\"tokenizer_class\": \"LlamaTokenizer\", \"add_eos_token\": null} |",
        "{\"tokenizer_class\": \"PreTrainedTokenizerFast\", \"add_eos_token\": false} |",
        "{\"tokenizer_class\": \"BertTokenizerFast\", \"do_lower_case\": true} |",
        "[ | expected JSON"
      })
  void settingsThatTransformersTakesFirstMustAgree(String settings, String complaint)
      throws IOException {
    ByteTokenizerFile.write(dir.resolve("tokenizer.json"));
    Files.writeString(dir.resolve("tokenizer_config.json"), settings);
    if (complaint == null) {
      TextTokenizer.open(dir).close();
    } else {
      assertThatThrownBy(() -> TextTokenizer.open(dir))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("tokenizer_config.json: ", complaint);
    }
  }

  @Test
  void bertsLetterCaseMustBeThatOfTheTokenizer() throws IOException {
    ByteTokenizerFile.write(dir.resolve("tokenizer.json"));
    Path file = dir.resolve("tokenizer.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = (ObjectNode) json.readTree(Files.readString(file));
    root.putObject("normalizer").put("type", "Lowercase").put("lowercase", true);
    Files.writeString(file, root.toString());
    Path settings = dir.resolve("tokenizer_config.json");
    String text = "{\"tokenizer_class\": \"BertTokenizer\", \"do_lower_case\": ";
    Files.writeString(settings, text + "true}");
    TextTokenizer.open(dir).close();
    Files.writeString(settings, text + "false}");
    assertThatThrownBy(() -> TextTokenizer.open(dir))
        .hasMessageContaining(
            "tokenizer_config.json: do_lower_case must be true, as tokenizer.json has it, found"
                + " false");
  }

  @Test
  void aMissingTokenizerIsNamed() {
    assertThatThrownBy(() -> TextTokenizer.open(dir))
        .hasMessageContaining("tokenizer.json: no such file");
  }
}
