package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {
  @TempDir Path folder;

  @Test
  void whatIsWrittenIsReadBackBitForBit() throws IOException {
    Path file = folder.resolve("new/model.safetensors");
    Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
    tensors.put(
        "b", new SafeTensors.Entry(List.of(2, 3), new float[] {1, -2, Float.MIN_VALUE, 0, 5, 6}));
    tensors.put("a", new SafeTensors.Entry(List.of(), new float[] {7}));
    tensors.put("none", new SafeTensors.Entry(List.of(0, 4), new float[0]));
    SafeTensors.write(file, tensors);

    SafeTensors read = SafeTensors.open(file);
    assertThat(read.names()).containsExactly("b", "a", "none");
    assertThat(read.shape("b")).containsExactly(2, 3);
    assertThat(read.floats("b")).containsExactly(1, -2, Float.MIN_VALUE, 0, 5, 6);
    assertThat(read.floats("b", 2, 3)).containsExactly(Float.MIN_VALUE, 0, 5);
    assertThatThrownBy(() -> read.floats("b", 4, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(read.shape("a")).isEmpty();
    assertThat(read.floats("a")).containsExactly(7);
    assertThat(read.floats("none")).isEmpty();
    byte[] bytes = Files.readAllBytes(file);
    assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8).isZero();
    assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
        .contains("\"__metadata__\":{\"format\":\"pt\"}");
    try (var left = Files.list(file.getParent())) {
      assertThat(left).containsExactly(file);
    }
  }

  @Test
  void allFloatingTypesAreDecoded() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
    data.putDouble(1.5).putDouble(-0.25);
    for (int half : new int[] {0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00, 0x8000}) {
      data.putShort((short) half);
    }
    for (int brain : new int[] {0x3f80, 0xc040, 0x7f80, 0x0000, 0x4049, 0xff80}) {
      data.putShort((short) brain);
    }
    String header =
        "{\"d\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]},"
            + "\"h\":{\"dtype\":\"F16\",\"shape\":[6],\"data_offsets\":[16,28]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[6],\"data_offsets\":[28,40]}}";
    SafeTensors read = SafeTensors.open(file(header, data.array()));
    assertThat(read.floats("d")).containsExactly(1.5f, -0.25f);
    assertThat(read.floats("h"))
        .containsExactly(1, -2, 0x1p-24f, 65504, Float.NEGATIVE_INFINITY, -0.0f);
    assertThat(read.floats("b"))
        .containsExactly(1, -3, Float.POSITIVE_INFINITY, 0, 3.140625f, Float.NEGATIVE_INFINITY);
  }

  /** Such as Swin's relative_position_index, which models of transformers 4 hold. */
  @Test
  void aTableOfIntegersIsCopiedAsItIs() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    data.putShort((short) 0x3f80).putShort((short) 0xc040).putLong(7).putLong(-1L << 40);
    String header =
        "{\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]},"
            + "\"i\":{\"dtype\":\"I64\",\"shape\":[1,2],\"data_offsets\":[4,20]}}";
    SafeTensors read = SafeTensors.open(file(header, data.array()));
    assertThatThrownBy(() -> read.floats("i")).hasMessageContaining("found I64");
    assertThat(read.entry("i").floating()).isFalse();
    Path copy = folder.resolve("copy.safetensors");
    Map<String, SafeTensors.Entry> entries = new LinkedHashMap<>();
    entries.put("i", read.entry("i"));
    entries.put("b", read.entry("b"));
    SafeTensors.write(copy, entries);
    SafeTensors written = SafeTensors.open(copy);
    assertThat(written.floats("b")).containsExactly(1, -3);
    assertThat(written.shape("i")).containsExactly(1, 2);
    byte[] all = Files.readAllBytes(copy);
    assertThat(new String(all, StandardCharsets.ISO_8859_1)).contains("\"dtype\":\"I64\"");
    byte[] integers = Arrays.copyOfRange(all, all.length - 24, all.length - 8);
    assertThat(integers).isEqualTo(Arrays.copyOfRange(data.array(), 4, 20));
  }

  @Test
  void everyTruncationIsRefusedNamingTheFile() throws IOException {
    Path whole = folder.resolve("whole.safetensors");
    SafeTensors.write(whole, Map.of("w", new SafeTensors.Entry(List.of(3), new float[3])));
    byte[] bytes = Files.readAllBytes(whole);
    for (int length = 0; length < bytes.length; length++) {
      Path cut = Files.write(folder.resolve("cut.safetensors"), Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> SafeTensors.open(cut))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cut.safetensors")
          .hasMessageContaining("expected")
          .hasMessageContaining("found");
    }
  }

  @Test
  void badHeadersAreRefusedWithWhatWasExpected() throws IOException {
    assertRefused("not json", "JSON");
    assertRefused("[1]", "JSON object");
    assertRefused("{\"w\":{\"dtype\":\"F32\"}}", "data_offsets");
    assertRefused("{\"w\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,8]}}", "C64");
    assertRefused("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", "[4, 12]");
    assertRefused("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}", "[-8, 0]");
    assertRefused("{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", "12 bytes");
    assertRefused("{\"w\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", "-2");
    assertRefused(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2000000000,2000000000,9],\"data_offsets\":[0,8]}}",
        "2 GiB");
  }

  @Test
  void aMissingTensorOrFileIsNamed() throws IOException {
    SafeTensors read = SafeTensors.open(file("{}", new byte[0]));
    assertThatThrownBy(() -> read.floats("w.x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("w.x")
        .hasMessageContaining("by-hand.safetensors");
    assertThatThrownBy(() -> SafeTensors.open(folder.resolve("absent.safetensors")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("absent.safetensors");
  }

  @Test
  void anEntryMustHoldAsManyValuesAsItsShapeSays() {
    assertThatThrownBy(() -> new SafeTensors.Entry(List.of(2, 2), new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[2, 2]")
        .hasMessageContaining("got 3");
  }

  private void assertRefused(String header, String reason) throws IOException {
    Path bad = file(header, new byte[8]);
    assertThatThrownBy(() -> SafeTensors.open(bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("by-hand.safetensors")
        .hasMessageContaining(reason);
  }

  private Path file(String header, byte[] data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text).put(data);
    return Files.write(folder.resolve("by-hand.safetensors"), bytes.array());
  }
}
