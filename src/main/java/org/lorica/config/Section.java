package org.lorica.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A section of a resolved tree, read by name and type; every message begins with the whole key,
 * then says what is expected and what was found.
 */
final class Section {
  private final Config tree;
  private final String path;

  Section(Config resolved, String path) {
    this.tree = resolved;
    this.path = path;
  }

  /** A section of this one. */
  Section section(String name) {
    return new Section(tree, key(name));
  }

  private String key(String name) {
    return path + "." + name;
  }

  /** The spelling used in files: {@code JDK_LOCALE_NAMES} is {@code jdk-locale-names}. */
  static String spelled(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  <E extends Enum<E>> E choice(String name, Class<E> type) {
    String found = text(name);
    for (E value : type.getEnumConstants()) {
      if (spelled(value).equals(found)) {
        return value;
      }
    }
    String choices =
        Arrays.stream(type.getEnumConstants())
            .map(Section::spelled)
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        key(name) + " must be one of " + choices + ", got \"" + found + '"');
  }

  int integer(String name) {
    long value = whole(name);
    if (value != (int) value) {
      throw wrong(name, "a whole number below 2^31");
    }
    return (int) value;
  }

  long whole(String name) {
    try {
      return decimal(name).longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw wrong(name, "a whole number");
    }
  }

  double number(String name) {
    try {
      return decimal(name).doubleValue();
    } catch (NumberFormatException e) {
      throw wrong(name, "a number");
    }
  }

  boolean flag(String name) {
    String found = value(name).unwrapped().toString();
    if (!found.equals("true") && !found.equals("false")) {
      throw wrong(name, "true or false");
    }
    return found.equals("true");
  }

  private BigDecimal decimal(String name) {
    ConfigValue value = value(name);
    boolean scalar =
        value.valueType() == ConfigValueType.NUMBER || value.valueType() == ConfigValueType.STRING;
    if (!scalar) {
      throw new NumberFormatException(key(name));
    }
    return new BigDecimal(value.unwrapped().toString().trim());
  }

  String text(String name) {
    ConfigValueType type = value(name).valueType();
    if (type != ConfigValueType.STRING && type != ConfigValueType.NUMBER) {
      throw wrong(name, "a text");
    }
    return tree.getString(key(name));
  }

  /** A section of free names; one with dots may be quoted or not. */
  <N> Map<String, N> numbered(String section, Function<String, N> read) {
    Map<String, N> all = new TreeMap<>();
    for (Map.Entry<String, ConfigValue> entry : tree.getConfig(key(section)).entrySet()) {
      String name = entry.getKey();
      all.put(String.join(".", ConfigUtil.splitPath(name)), read.apply(section + "." + name));
    }
    return all;
  }

  List<String> texts(String name) {
    if (!(value(name) instanceof ConfigList list)
        || list.stream().anyMatch(item -> item.valueType() != ConfigValueType.STRING)) {
      throw wrong(name, "a list of texts");
    }
    return tree.getStringList(key(name));
  }

  Optional<String> optionalText(String name) {
    return unset(name) ? Optional.empty() : Optional.of(text(name)).filter(t -> !t.isBlank());
  }

  Optional<Integer> optionalInteger(String name) {
    return unset(name) ? Optional.empty() : Optional.of(integer(name));
  }

  OptionalDouble optionalNumber(String name) {
    return unset(name) ? OptionalDouble.empty() : OptionalDouble.of(number(name));
  }

  boolean unset(String name) {
    return tree.hasPathOrNull(key(name)) && tree.getIsNull(key(name));
  }

  private ConfigValue value(String name) {
    if (!tree.hasPathOrNull(key(name))) {
      throw new IllegalArgumentException(key(name) + " is missing");
    }
    if (tree.getIsNull(key(name))) {
      throw new IllegalArgumentException(key(name) + " must be set, got null");
    }
    return tree.getValue(key(name));
  }

  private IllegalArgumentException wrong(String name, String expected) {
    return new IllegalArgumentException(
        key(name) + " must be " + expected + ", got " + Origins.shown(value(name)));
  }
}
