package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessorTest {
  private static final String NORMALISED =
      "\"image_mean\": [0.5, 0.4, 0.3], \"image_std\": [0.5, 0.25, 0.2]";

  @TempDir Path folder;

  private Preprocessor open(String json, int side) throws IOException {
    Files.writeString(folder.resolve(Preprocessor.FILE), json);
    return Preprocessor.open(folder, new ImageShape(3, side, side));
  }

  private static Pixels uniform(int height, int width) {
    byte[] values = new byte[3 * height * width];
    Arrays.fill(values, (byte) 51);
    return new Pixels(new ImageShape(3, height, width), values);
  }

  @Test
  void pixelsAreRescaledAndNormalisedByChannel() throws IOException {
    Preprocessor preprocessor = open("{\"size\": 4, " + NORMALISED + "}", 4);
    float[] values = new float[3 * 16];
    preprocessor.image(uniform(9, 7)).copyTo(values, 0); // 51/255 = 0.2
    assertThat(values[0]).isCloseTo(-0.6f, within(1e-6f));
    assertThat(values[16]).isCloseTo(-0.8f, within(1e-6f));
    assertThat(values[32]).isCloseTo(-0.5f, within(1e-6f));
  }

  /** Both ways of holding an image, as stored and resized, give the same values. */
  @Test
  void largeAndSmallImagesAreResizedAlike() throws IOException {
    Preprocessor preprocessor =
        open("{\"size\": {\"height\": 6, \"width\": 6}, \"resample\": 3, " + NORMALISED + "}", 6);
    for (int side : new int[] {3, 6, 20}) {
      byte[] bytes = new byte[3 * side * side];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (i * 31);
      }
      Pixels stored = new Pixels(new ImageShape(3, side, side), bytes);
      float[] found = new float[3 * 36];
      preprocessor.image(stored).copyTo(found, 0);
      Pixels resized = Resampling.BICUBIC.resize(stored, 6, 6);
      assertThat(found[40])
          .isCloseTo((float) ((resized.at(1, 0, 4) / 255.0 - 0.4) / 0.25), within(1e-5f));
    }
  }

  @Test
  void theShortestEdgeKeepsProportionsAndTheCropIsTheMiddle() throws IOException {
    Preprocessor preprocessor =
        open(
            "{\"size\": {\"shortest_edge\": 4}, \"resample\": 0, \"do_center_crop\": true,"
                + " \"crop_size\": 2, \"do_rescale\": false, \"do_normalize\": false}",
            2);
    byte[] bytes = new byte[3 * 4 * 6];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    float[] values = new float[12];
    preprocessor.image(new Pixels(new ImageShape(3, 4, 6), bytes)).copyTo(values, 0);
    assertThat(values).startsWith(8, 9, 14, 15); // rows 1 and 2, columns 2 and 3
  }

  @Test
  void anotherSizeOfTheModelScalesResizeAndCropTogether() throws IOException {
    String json =
        "{\"size\": 256, \"do_center_crop\": true, \"crop_size\": 224, " + NORMALISED + "}";
    assertThat(open(json, 112).image(uniform(300, 300)).shape())
        .isEqualTo(new ImageShape(3, 112, 112));
    String unsized = "{\"do_resize\": false, \"size\": 16, " + NORMALISED + "}";
    assertThat(open(unsized, 24).image(uniform(16, 16)).shape())
        .isEqualTo(new ImageShape(3, 24, 24));
    assertThatThrownBy(() -> open(unsized, 16).image(uniform(15, 16)))
        .hasMessageContaining("3 x 16 x 16, found 3 x 15 x 16");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"size\": 4} | image_mean",
        "{\"size\": 4, \"image_mean\": [1, 1], \"image_std\": [1, 1]} | 3 values",
        "{\"size\": 4, \"image_mean\": [1], \"image_std\": [0]} | image_std",
        "{\"size\": 4, \"resample\": \"sinc\", \"do_normalize\": false} | resample",
        "{\"size\": {\"width\": 4}, \"do_normalize\": false} | size",
        "{\"do_resize\": 1} | do_resize",
        "{\"do_flip_channel_order\": true} | do_flip_channel_order must be false",
        "{ | expected JSON"
      })
  void whatCannotBeDoneIsRefusedWithItsKey(String json, String complaint) {
    assertThatThrownBy(() -> open(json, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(Preprocessor.FILE, complaint);
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> Preprocessor.open(folder, new ImageShape(3, 4, 4)))
        .hasMessageContaining(Preprocessor.FILE);
  }

  @Test
  void besideAModelOfOneFileItIsFoundToo() throws IOException {
    Path model = Files.writeString(folder.resolve("network.zip"), "");
    assertThatThrownBy(() -> Preprocessor.open(model, new ImageShape(3, 4, 4)))
        .hasMessage(
            folder.resolve(Preprocessor.FILE)
                + ": no such file; beside network.zip there must be preprocessor_config.json");
    Files.writeString(
        folder.resolve(Preprocessor.FILE), "{\"do_resize\": false, \"do_normalize\": false}");
    assertThat(Preprocessor.open(model, new ImageShape(3, 4, 4))).isNotNull();
  }
}
