package org.lorica.lora;

import java.util.List;

/** PEFT's rule: a module is a target if its full name equals an entry or ends with "." + entry. */
public final class TargetModules {
  /** The only entry of a list that selects no module: a trained head is then all that learns. */
  public static final String NONE = "none";

  private TargetModules() {}

  /**
   * The targets among {@code candidates}, in their order; an entry that matches none is an error.
   */
  public static List<LoraModule> select(List<LoraModule> candidates, List<String> targets) {
    if (targets.equals(List.of(NONE))) {
      return List.of();
    }
    for (String target : targets) {
      if (candidates.stream().noneMatch(c -> matches(c.name(), target))) {
        throw new IllegalArgumentException(
            "lora.target-modules: no linear module's name ends with \""
                + target
                + "\"; the model has "
                + candidates.stream().map(c -> lastParts(c.name())).distinct().toList());
      }
    }
    return candidates.stream()
        .filter(c -> targets.stream().anyMatch(t -> matches(c.name(), t)))
        .toList();
  }

  private static boolean matches(String name, String target) {
    return name.equals(target) || name.endsWith("." + target);
  }

  private static String lastParts(String name) {
    String afterLayer = name.replaceFirst("^.*\\.\\d+\\.", "");
    return afterLayer;
  }
}
