package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ResamplingTest {

  /** 7 × 9 pixels (37i² + 101j + 13ij) mod 256; expected by Pillow 12.3.0's Image.resize. */
  private static Pixels image() {
    byte[] values = new byte[7 * 9];
    for (int i = 0; i < 7; i++) {
      for (int j = 0; j < 9; j++) {
        values[i * 9 + j] = (byte) (i * i * 37 + j * 101 + i * j * 13);
      }
    }
    return new Pixels(new ImageShape(1, 7, 9), values);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NEAREST | 101 148 195 19 144 13 233 180 127 231 0 25",
        "LANCZOS | 75 154 140 107 100 94 150 132 115 140 111 122",
        "BILINEAR | 89 147 134 104 111 93 146 127 114 145 110 116",
        "BICUBIC | 82 152 137 105 103 95 148 127 116 143 110 120",
        "BOX | 84 150 131 118 92 108 148 95 127 149 112 117",
        "HAMMING | 91 153 132 101 99 91 152 120 118 148 99 107"
      })
  void shrinkingGivesPillowsPixels(Resampling filter, String expected) {
    assertThat(text(filter.resize(image(), 4, 3))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LANCZOS | 1 39 172 204 56 69 215 243 93 168 150 16 0 107 138 54 99 193 203 155 176 139 119 139",
        "BILINEAR | 0 63 139 183 66 110 186 230 113 157 137 40 25 93 112 76 95 166 185 149 168 132 119 134",
        "BICUBIC | 0 53 152 202 54 94 197 247 98 167 146 25 12 102 123 60 97 184 199 150 177 134 118 140",
        "HAMMING | 0 77 125 199 50 124 172 246 97 171 159 40 31 116 119 43 109 196 199 122 189 112 105 157",
        "BOX | 0 101 101 202 47 148 148 249 94 195 195 40 37 151 151 9 123 237 237 95 209 67 67 181"
      })
  void enlargingGivesPillowsPixels(Resampling filter, String expectedFirstTwoRows) {
    assertThat(text(filter.resize(image(), 9, 12))).startsWith(expectedFirstTwoRows + " ");
  }

  private static String text(Pixels pixels) {
    StringBuilder text = new StringBuilder();
    for (byte value : pixels.bytes()) {
      text.append(text.length() == 0 ? "" : " ").append(value & 0xff);
    }
    return text.toString();
  }

  @ParameterizedTest
  @EnumSource(Resampling.class)
  void aUniformImageStaysUniformAndChannelsStayApart(Resampling filter) {
    byte[] values = new byte[2 * 5 * 4];
    java.util.Arrays.fill(values, 0, 20, (byte) 200);
    java.util.Arrays.fill(values, 20, 40, (byte) 7);
    Pixels resized = filter.resize(new Pixels(new ImageShape(2, 5, 4), values), 8, 3);
    for (int i = 0; i < 8; i++) {
      for (int j = 0; j < 3; j++) {
        assertThat(resized.at(0, i, j)).isEqualTo(200);
        assertThat(resized.at(1, i, j)).isEqualTo(7);
      }
    }
  }

  @Test
  void filtersAreKnownByNumberAndByAName() {
    assertThat(Resampling.parse("3")).isEqualTo(Resampling.BICUBIC);
    assertThat(Resampling.parse("bilinear (bicubic upstream)")).isEqualTo(Resampling.BILINEAR);
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> Resampling.parse("9"))
        .hasMessageContaining("resample must be 0 to 5");
  }
}
