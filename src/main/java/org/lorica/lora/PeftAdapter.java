package org.lorica.lora;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.lorica.data.SafeTensors;

/**
 * Adapters in PEFT's folder layout: {@code adapter_model.safetensors} and {@code
 * adapter_config.json}.
 */
public final class PeftAdapter {
  /** File name inside an adapter folder. */
  public static final String FILE = "adapter_model.safetensors";

  private static final String PREFIX = "base_model.model.";

  private PeftAdapter() {}

  /** PEFT's keys of a tensor: one for each name of its module. */
  static List<String> keys(TensorSlot slot) {
    String end =
        switch (slot.role()) {
          case A -> ".lora_A.weight";
          case B -> ".lora_B.weight";
          case HEAD -> "";
        };
    return ModuleNames.of(slot.module()).stream().map(name -> PREFIX + name + end).toList();
  }

  /** Whether a file of these tensors adapts the module. */
  public static boolean adapts(Set<String> tensors, LoraModule module) {
    return ModuleNames.of(module.name()).stream()
        .anyMatch(
            name ->
                tensors.contains(PREFIX + name + ".lora_A.weight")
                    || tensors.contains(PREFIX + name + ".lora_B.weight"));
  }

  /**
   * Reads an adapter of {@code template}'s layout. Every factor must be there with its shape; head
   * tensors that the file does not hold keep the template's values; a tensor that the layout does
   * not know is an error.
   */
  public static AdapterSet read(Path folder, AdapterSet template) {
    PeftConfig config = PeftConfig.read(folder);
    AdapterLayout layout = template.layout();
    requireSameRanks(folder.resolve(PeftConfig.FILE), config.ranks(), layout);
    Path file = folder.resolve(FILE);
    SafeTensors tensors = SafeTensors.open(file);
    float[] values = template.toArray();
    Set<String> unknown = new TreeSet<>(tensors.names());
    for (TensorSlot slot : layout.slots()) {
      List<String> keys = keys(slot);
      keys.forEach(unknown::remove);
      String key = keys.stream().filter(tensors.names()::contains).findFirst().orElse(keys.get(0));
      if (slot.role() == Role.HEAD && !tensors.names().contains(key)) {
        continue;
      }
      List<Integer> shape = tensors.shape(key);
      List<Integer> expected = shapeOf(slot);
      if (!shape.equals(expected)) {
        throw new IllegalArgumentException(
            file + ": tensor " + key + " must have shape " + expected + ", found " + shape);
      }
      System.arraycopy(tensors.floats(key), 0, values, slot.offset(), slot.size());
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          file
              + ": tensor "
              + unknown.iterator().next()
              + " belongs to no target module of this run");
    }
    return AdapterSet.of(layout, values);
  }

  private static void requireSameRanks(Path file, LoraRanks found, AdapterLayout layout) {
    for (int m = 0; m < layout.modules().size(); m++) {
      String module = layout.modules().get(m).name();
      LoraRank own = found.of(module);
      if (own.rank() != layout.rank(m)) {
        throw new IllegalArgumentException(
            file
                + (found.rankPattern().isEmpty() ? ": r" : ": r or rank_pattern of " + module)
                + " must equal lora.rank or lora.rank-pattern = "
                + layout.rank(m)
                + ", found "
                + own.rank());
      }
      if (Math.abs(own.scaling() - layout.scaling(m)) > 1e-9) {
        throw new IllegalArgumentException(
            file
                + ": the scaling of "
                + module
                + " must equal that of lora.alpha and lora.rank and their patterns, "
                + layout.scaling(m)
                + ", found "
                + own.scaling());
      }
    }
  }

  /** A head's bias is a vector in the file. */
  private static List<Integer> shapeOf(TensorSlot slot) {
    return slot.role() == Role.HEAD && slot.module().endsWith(".bias")
        ? List.of(slot.cols())
        : List.of(slot.rows(), slot.cols());
  }

  /**
   * Writes the adapter into {@code folder}, which is made if needed. What has been folded into the
   * frozen weights is written too, as an adapter of greater ranks and the same scaling. A module of
   * two names has its factors under both.
   */
  public static void write(Path folder, AdapterSet trained, PeftConfig config) {
    AdapterSet adapter = trained.concatenated();
    try {
      Files.createDirectories(folder);
      config.describing(adapter.layout()).write(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    float[] values = adapter.toArray();
    Map<String, SafeTensors.Entry> entries = new LinkedHashMap<>();
    for (TensorSlot slot : adapter.layout().slots()) {
      float[] part = new float[slot.size()];
      System.arraycopy(values, slot.offset(), part, 0, part.length);
      for (String key : keys(slot)) {
        entries.put(key, new SafeTensors.Entry(shapeOf(slot), part));
      }
    }
    SafeTensors.write(folder.resolve(FILE), entries);
  }
}
