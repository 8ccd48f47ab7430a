package org.lorica.strategy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;

/**
 * The adapted modules in groups that choose their factor together.
 *
 * @param modules for every layer the places of its modules in the adapter's layout
 */
record Layers(List<List<Integer>> modules) {
  private static final Pattern BLOCK = Pattern.compile("^(?:.*\\.)?\\d+(?=\\.)");

  Layers {
    modules = modules.stream().map(List::copyOf).toList();
  }

  /** What counts as a layer. */
  enum Granularity {
    /**
     * A transformer block: modules whose names agree up to the last number (a Swin block's comes
     * after that of its stage).
     */
    BLOCK,
    /** Every adapted module by itself. */
    MODULE
  }

  static Layers of(AdapterLayout layout, Granularity granularity) {
    Map<String, List<Integer>> layers = new LinkedHashMap<>();
    for (int m = 0; m < layout.modules().size(); m++) {
      LoraModule module = layout.modules().get(m);
      String layer = granularity == Granularity.BLOCK ? block(module.name()) : module.name();
      layers.computeIfAbsent(layer, name -> new ArrayList<>()).add(m);
    }
    return new Layers(List.copyOf(layers.values()));
  }

  private static String block(String module) {
    Matcher matcher = BLOCK.matcher(module);
    return matcher.find() ? matcher.group() : module;
  }

  int count() {
    return modules.size();
  }

  /** Places of a layer's tensors of one factor among the layout's slots. */
  List<Integer> slots(int layer, Role role) {
    return modules.get(layer).stream().map(m -> 2 * m + (role == Role.B ? 0 : 1)).toList();
  }
}
