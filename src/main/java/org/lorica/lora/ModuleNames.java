package org.lorica.lora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The two names of a linear layer of ViT, DeiT or Swin. Model files keep the older one;
 * transformers 5 renames the layers while it loads them, so that PEFT asks for the newer one there.
 * Both stand in what is exported, and either is understood. Layers of other models have one name.
 */
public final class ModuleNames {
  private static final Pattern VISION = Pattern.compile("(vit|deit|swin)\\..*");

  /** In the order in which they are tried: the output of attention also ends with output.dense. */
  private static final Map<String, String> ENDS = new LinkedHashMap<>();

  static {
    for (String self : List.of("attention.attention.", "attention.self.")) {
      ENDS.put("." + self + "query", ".attention.q_proj");
      ENDS.put("." + self + "key", ".attention.k_proj");
      ENDS.put("." + self + "value", ".attention.v_proj");
    }
    ENDS.put(".attention.output.dense", ".attention.o_proj");
    ENDS.put(".intermediate.dense", ".mlp.fc1");
    ENDS.put(".output.dense", ".mlp.fc2");
  }

  private ModuleNames() {}

  /** The name that transformers 5 has in memory; the same name where it renames nothing. */
  public static String inMemory(String stored) {
    if (!VISION.matcher(stored).matches()) {
      return stored;
    }
    String name = stored.replaceFirst("^(vit|deit)\\.encoder\\.layer\\.", "$1.layers.");
    for (Map.Entry<String, String> end : ENDS.entrySet()) {
      if (name.endsWith(end.getKey())) {
        return name.substring(0, name.length() - end.getKey().length()) + end.getValue();
      }
    }
    return name;
  }

  /** The stored name, then the other one if there is one. */
  static List<String> of(String stored) {
    return Stream.of(stored, inMemory(stored)).distinct().toList();
  }
}
