package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void aMissingTokenizerIsNamed() {
    assertThatThrownBy(() -> TextTokenizer.open(dir))
        .hasMessageContaining("tokenizer.json: no such file");
  }
}
