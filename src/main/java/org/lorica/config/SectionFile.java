package org.lorica.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * A file of many runs: one section, such as {@code sweep { … }}, that names a scenario and what to
 * change in it.
 *
 * @param name of the section
 */
record SectionFile(Path path, String name) {

  /** What is read from the section; every failure of it names the file. */
  <T> T read(BiFunction<SectionFile, Config, T> reading) {
    if (!Files.isRegularFile(path)) {
      throw new IllegalArgumentException(path + ": no such " + name + " file");
    }
    try {
      Config tree = ConfigFactory.parseFile(path.toFile()).resolve(ConfigResolveOptions.noSystem());
      if (!tree.hasPath(name) || tree.root().size() != 1) {
        throw new IllegalArgumentException(
            path + ": expected one section " + name + " { … }, found " + tree.root().keySet());
      }
      return reading.apply(this, tree.getConfig(name));
    } catch (ConfigException e) {
      throw new IllegalArgumentException(path + ": " + e.getMessage().replaceAll("\\s+", " "), e);
    }
  }

  /** Refuses a section, or one of its parts, with another key. */
  void requireKnown(String where, Config section, Set<String> known) {
    for (Map.Entry<String, ConfigValue> entry : section.root().entrySet()) {
      if (!known.contains(entry.getKey())) {
        throw new IllegalArgumentException(
            Origins.prefix(entry.getValue().origin())
                + "unknown key "
                + where
                + "."
                + entry.getKey()
                + "; expected one of "
                + known.stream().sorted().toList());
      }
    }
  }

  void requireSet(Config section, String... keys) {
    for (String key : keys) {
      if (!section.hasPath(key)) {
        throw new IllegalArgumentException(path + ": " + name + "." + key + " must be set");
      }
    }
  }

  /** Absolute, or relative to this file. */
  Path scenario(Config section) {
    return path.resolveSibling(section.getString("scenario"));
  }

  /** The settings under {@code set}, as after {@code --set}; none if there is no such key. */
  List<String> overrides(Config section) {
    List<String> all = new ArrayList<>();
    if (section.hasPath("set")) {
      SweepConfig.values(section.getConfig("set"), path)
          .forEach((key, value) -> all.add(key + "=" + SweepConfig.text(value)));
    }
    return all;
  }
}
