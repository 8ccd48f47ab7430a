package org.lorica.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Whether two configurations give the same result, bit for bit. */
public final class ConfigComparison {
  /** Keys that only say where and how fast. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "lorica.out",
          "lorica.federation.engine",
          "lorica.federation.clients-per-partition",
          "lorica.federation.partitions",
          "lorica.federation.tree-depth",
          "lorica.tracking.mlflow.uri",
          "lorica.tracking.mlflow.experiment");

  private ConfigComparison() {}

  /**
   * The keys that differ and have a say in the result, {@code key: old → new}, in order.
   *
   * @param before {@link LoadedConfig#resolvedHocon}
   * @param now the same of the other one
   */
  public static List<String> differences(String before, String now) {
    Map<String, String> old = values(before);
    Map<String, String> found = values(now);
    Set<String> keys = new TreeSet<>(old.keySet());
    keys.addAll(found.keySet());
    List<String> differences = new ArrayList<>();
    for (String key : keys) {
      String was = old.getOrDefault(key, "(none)");
      String is = found.getOrDefault(key, "(none)");
      if (!was.equals(is)) {
        differences.add(key + ": " + was + " → " + is);
      }
    }
    return differences;
  }

  /** SHA-256 of all keys and values that have a say in the result, in hexadecimal digits. */
  public static String digest(String resolved) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      values(resolved)
          .forEach(
              (key, value) ->
                  sha.update((key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static Map<String, String> values(String resolved) {
    Config tree = ConfigFactory.parseString(resolved);
    Map<String, String> values = new TreeMap<>();
    collect("", tree.root(), values);
    values.keySet().removeAll(WITHOUT_EFFECT);
    return values;
  }

  /** Keys set to null too, which {@link Config#entrySet} leaves out. */
  private static void collect(
      String prefix, Map<String, ConfigValue> section, Map<String, String> values) {
    section.forEach(
        (name, value) -> {
          if (value instanceof ConfigObject inner) {
            collect(prefix + name + ".", inner, values);
          } else {
            values.put(prefix + name, canonical(value));
          }
        });
  }

  /** 1e-5 and 0.00001 are the same number, however a file spells it. */
  private static String canonical(ConfigValue value) {
    return value.valueType() == ConfigValueType.NUMBER
        ? new BigDecimal(value.unwrapped().toString()).stripTrailingZeros().toPlainString()
        : value.render(ConfigRenderOptions.concise());
  }
}
