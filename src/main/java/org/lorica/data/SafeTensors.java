package org.lorica.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Named tensors in Hugging Face's safetensors format: 8 bytes with the header's length, a JSON
 * header, then the values, little endian. Opening reads and checks the header only; values are read
 * one tensor at a time, so the heap never holds a whole model.
 */
public final class SafeTensors {
  private static final String METADATA = "__metadata__";
  private static final int LENGTH_BYTES = 8;
  private static final long LONGEST_HEADER = 100_000_000; // the format's own limit, in bytes
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final long dataStart;
  private final Map<String, StoredTensor> tensors;

  private SafeTensors(Path file, long dataStart, Map<String, StoredTensor> tensors) {
    this.file = file;
    this.dataStart = dataStart;
    this.tensors = tensors;
  }

  /**
   * Reads the header and checks it against the file's size.
   *
   * @throws IllegalArgumentException if the file is missing, truncated or contradicts itself
   */
  public static SafeTensors open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + ": expected a safetensors file, found none");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw bad(file, "at least " + LENGTH_BYTES + " bytes", size + " bytes");
      }
      long length = readRange(channel, file, 0, LENGTH_BYTES).getLong();
      if (length <= 0 || length > LONGEST_HEADER || length > size - LENGTH_BYTES) {
        throw bad(
            file,
            "a header of 1 to " + Math.min(LONGEST_HEADER, size - LENGTH_BYTES) + " bytes",
            "a header length of " + Long.toUnsignedString(length));
      }
      ByteBuffer header = readRange(channel, file, LENGTH_BYTES, (int) length);
      long dataStart = LENGTH_BYTES + length;
      String text = StandardCharsets.UTF_8.decode(header).toString();
      return new SafeTensors(file, dataStart, parse(file, text, size - dataStart));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static Map<String, StoredTensor> parse(Path file, String header, long dataBytes) {
    JsonNode root;
    try {
      root = JSON.readTree(header);
    } catch (JsonProcessingException e) {
      throw bad(file, "a JSON header", e.getOriginalMessage());
    }
    if (!root.isObject()) {
      throw bad(file, "a JSON object as header", String.valueOf(root.getNodeType()));
    }
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (!field.getKey().equals(METADATA)) {
        tensors.put(
            field.getKey(), StoredTensor.parse(file, field.getKey(), field.getValue(), dataBytes));
      }
    }
    return tensors;
  }

  /** Names in the header's order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /** The tensor's sizes, outermost first; empty for a scalar. */
  public List<Integer> shape(String name) {
    return stored(name).shape();
  }

  /** All values, row by row; F64 is rounded to float, F16 and BF16 are widened exactly. */
  public float[] floats(String name) {
    return floats(name, 0, stored(name).count());
  }

  /** {@code count} values from {@code first} on, so that the heap need not hold a whole tensor. */
  public float[] floats(String name, int first, int count) {
    StoredTensor tensor = stored(name);
    Objects.checkFromIndexSize(first, count, tensor.count());
    if (!tensor.type().floating()) {
      throw new IllegalArgumentException(
          file + ": tensor " + name + ": expected floating-point values, found " + tensor.type());
    }
    long begin = dataStart + tensor.begin() + (long) first * tensor.type().bytes();
    return tensor.type().decode(bytes(name, begin, count * tensor.type().bytes()), count);
  }

  /** The tensor as it is to be written again: floating-point values as F32, others untouched. */
  public Entry entry(String name) {
    StoredTensor tensor = stored(name);
    return tensor.type().floating()
        ? new Entry(tensor.shape(), floats(name))
        : new Entry(
            tensor.shape(), tensor.type(), bytes(name, dataStart + tensor.begin(), tensor.bytes()));
  }

  private ByteBuffer bytes(String name, long begin, int count) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return readRange(channel, file, begin, count);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read tensor " + name + " of " + file, e);
    }
  }

  private StoredTensor stored(String name) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          file + ": expected a tensor " + name + ", found none of that name");
    }
    return tensor;
  }

  private static ByteBuffer readRange(FileChannel channel, Path file, long from, int bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw bad(file, (from + bytes) + " bytes", (from + buffer.position()) + " bytes");
      }
    }
    return buffer.flip();
  }

  static IllegalArgumentException bad(Path file, String expected, String found) {
    return new IllegalArgumentException(
        file + ": not a safetensors file: expected " + expected + ", found " + found);
  }

  /**
   * Writes tensors in the map's order. The file appears whole or not at all: it is written beside
   * its place and moved there.
   */
  public static void write(Path file, Map<String, Entry> tensors) {
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent();
    try {
      Files.createDirectories(folder);
      Path partial =
          folder.resolve(
              absolute.getFileName() + ".partial"); // not a temp file: others may read the result
      try {
        writeTo(partial, tensors);
        Files.move(
            partial, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static void writeTo(Path file, Map<String, Entry> tensors) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      writeAll(channel, header(tensors));
      for (Entry entry : tensors.values()) {
        writeAll(channel, entry.bytes());
      }
      channel.force(true);
    }
  }

  private static ByteBuffer header(Map<String, Entry> tensors) throws JsonProcessingException {
    ObjectNode root = JSON.createObjectNode();
    root.putObject(METADATA).put("format", "pt");
    long offset = 0;
    for (Map.Entry<String, Entry> named : tensors.entrySet()) {
      Entry entry = named.getValue();
      ObjectNode node = root.putObject(named.getKey()).put("dtype", entry.type.name());
      entry.shape.forEach(node.putArray("shape")::add);
      long end = offset + entry.size();
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = JSON.writeValueAsBytes(root);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8); // values start 8-byte aligned
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return ByteBuffer.allocate(LENGTH_BYTES + padded.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(padded.length)
        .put(padded)
        .flip();
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  static long count(List<Integer> shape) {
    long count = 1;
    for (int side : shape) {
      count = Math.multiplyExact(count, (long) side);
    }
    return count;
  }

  /** A tensor to be written: its sizes, outermost first, and its values row by row. */
  public static final class Entry {
    private final List<Integer> shape;
    private final StoredTensor.DataType type;
    private final float[] values; // or null
    private final ByteBuffer raw; // or null

    /** Takes ownership of {@code values}. */
    public Entry(List<Integer> shape, float[] values) {
      this.shape = List.copyOf(shape);
      this.type = StoredTensor.DataType.F32;
      this.values = values;
      this.raw = null;
      if (count(shape) != values.length) {
        throw new IllegalArgumentException(
            "shape " + shape + " needs " + count(shape) + " values, got " + values.length);
      }
    }

    private Entry(List<Integer> shape, StoredTensor.DataType type, ByteBuffer raw) {
      this.shape = shape;
      this.type = type;
      this.values = null;
      this.raw = raw;
    }

    /** Whether it is written as F32. */
    public boolean floating() {
      return values != null;
    }

    private long size() {
      return floating() ? (long) values.length * Float.BYTES : raw.limit();
    }

    private ByteBuffer bytes() {
      if (!floating()) {
        return raw.duplicate();
      }
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      return bytes;
    }
  }
}
