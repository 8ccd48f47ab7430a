package org.lorica.lora;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * PEFT's rule: a module is a target if its full name equals an entry or ends with "." + entry;
 * either of its names where it has two.
 */
public final class TargetModules {
  /** The only entry of a list that selects no module: a trained head is then all that learns. */
  public static final String NONE = "none";

  /** Linear layers of heads that get no factors here, and would get some from PEFT. */
  private static final List<String> OUTSIDE = List.of("bert.pooler.dense", "classifier.dense");

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

  /**
   * The modules that a stored adapter is of. As PEFT has it, an entry may match none; the adapter
   * must be of some module, unless it says that it is of none.
   *
   * @param adapted whether the adapter's file has factors of a module
   */
  public static List<LoraModule> stored(
      List<LoraModule> candidates, PeftConfig config, Predicate<LoraModule> adapted) {
    List<String> targets = config.targetModules();
    if (targets.equals(List.of(NONE))) {
      return List.of();
    }
    boolean listed = config.selection() == PeftConfig.Selection.LISTED;
    List<LoraModule> selected =
        candidates.stream()
            .filter(
                c ->
                    listed ? targets.stream().anyMatch(t -> matches(c.name(), t)) : adapted.test(c))
            .toList();
    if (selected.isEmpty()) {
      throw new IllegalArgumentException(
          PeftConfig.FILE
              + ": target_modules = "
              + targets
              + " names no linear module of the model, which has "
              + candidates.stream().map(c -> lastParts(c.name())).distinct().toList());
    }
    return selected;
  }

  /** Whether an entry stands for the module. */
  static boolean matches(String module, String target) {
    return ModuleNames.of(module).stream().anyMatch(name -> isOrEndsWith(name, target));
  }

  private static boolean isOrEndsWith(String name, String target) {
    return name.equals(target) || name.endsWith("." + target);
  }

  /**
   * Entries with which PEFT selects the same modules, under each of their names.
   *
   * @param targets entries that may name modules as their model's file does only, and that may also
   *     match layers that are no candidates here
   */
  public static List<String> forPeft(List<LoraModule> candidates, List<String> targets) {
    List<LoraModule> selected = select(candidates, targets);
    Set<String> entries = new LinkedHashSet<>(targets);
    entries.removeIf(entry -> OUTSIDE.stream().anyMatch(layer -> matches(layer, entry)));
    for (LoraModule module : selected) {
      for (String name : ModuleNames.of(module.name())) {
        if (entries.stream().noneMatch(entry -> isOrEndsWith(name, entry))) {
          entries.add(shortestEnd(name, candidates, selected));
        }
      }
    }
    return new ArrayList<>(entries);
  }

  /** The shortest end of a name that no other layer than the selected ones has. */
  private static String shortestEnd(
      String name, List<LoraModule> candidates, List<LoraModule> selected) {
    for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
      String end = name.substring(dot + 1);
      boolean others =
          candidates.stream().anyMatch(c -> matches(c.name(), end) && !selected.contains(c))
              || OUTSIDE.stream().anyMatch(layer -> matches(layer, end));
      if (!others) {
        return end;
      }
    }
    return name;
  }

  private static String lastParts(String name) {
    String afterLayer = name.replaceFirst("^.*\\.\\d+\\.", "");
    return afterLayer;
  }
}
