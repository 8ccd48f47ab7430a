package org.lorica.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads a scenario: {@code --set key=value} over the scenario file over {@code reference.conf}.
 * System properties and environment variables are never read.
 */
public final class ConfigLoader {
  private static final String ROOT = "lorica.";

  /** A module's name may have an underscore, a pattern of names has quotes around it. */
  private static final String PART = "([A-Za-z0-9_-]+|\"[^\"]+\")";

  private static final Pattern KEY = Pattern.compile(PART + "(\\." + PART + ")*");
  private static final Pattern JSON_LIKE =
      Pattern.compile("null|[\\[{\"].*|-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?", Pattern.DOTALL);

  /** Alternatives: at most one of a pair is in force, the one set at the higher level. */
  private static final List<List<String>> ALTERNATIVES =
      List.of(List.of("lorica.privacy.epsilon", "lorica.privacy.noise-multiplier"));

  private ConfigLoader() {}

  /**
   * Loads and checks a scenario.
   *
   * @param overrides {@code key=value}, the key with or without {@code lorica.}; later ones win
   */
  public static LoadedConfig load(Path scenario, List<String> overrides) {
    if (!Files.isRegularFile(scenario)) {
      throw new IllegalArgumentException(scenario + ": no such scenario file");
    }
    try {
      return load(
          ConfigFactory.parseFile(
              scenario.toFile(), ConfigParseOptions.defaults().setAllowMissing(false)),
          scenario.toString(),
          overrides);
    } catch (ConfigException e) {
      throw oneLine(e);
    }
  }

  /** As {@link #load}, without a scenario file. */
  public static LoadedConfig of(List<String> overrides) {
    try {
      return load(ConfigFactory.empty(), "no scenario", overrides);
    } catch (ConfigException e) {
      throw oneLine(e);
    }
  }

  private static LoadedConfig load(Config file, String scenario, List<String> overrides) {
    Config reference = reference();
    Config commandLine = commandLine(overrides, reference);
    Config merged =
        commandLine
            .withFallback(file)
            .withFallback(reference)
            .resolve(ConfigResolveOptions.noSystem());
    Config fileLayer = file.resolveWith(merged, ConfigResolveOptions.noSystem());
    KnownKeys known = new KnownKeys(reference);
    known.check(commandLine, Origins.COMMAND_LINE);
    known.check(fileLayer, scenario);
    Config chosen = chooseAlternatives(merged, List.of(commandLine, fileLayer));
    return new LoadedConfig(
        RunConfig.from(chosen), chosen.root().render(ConfigRenderOptions.concise()));
  }

  /** Reads {@link LoadedConfig#resolvedHocon()} again, giving an equal {@link RunConfig}. */
  public static RunConfig parse(String resolved) {
    try {
      Config tree = ConfigFactory.parseString(resolved).resolve(ConfigResolveOptions.noSystem());
      new KnownKeys(reference()).check(tree, "resolved configuration");
      return RunConfig.from(tree);
    } catch (ConfigException e) {
      throw oneLine(e);
    }
  }

  /** A resolved text without some of its keys. */
  static String without(String resolved, List<String> keys) {
    Config tree = ConfigFactory.parseString(resolved);
    for (String key : keys) {
      tree = tree.withoutPath(key);
    }
    return tree.root().render(ConfigRenderOptions.concise());
  }

  /** Only the lorica tree: in a shaded jar the file also holds other libraries' defaults. */
  static Config reference() {
    return ConfigFactory.parseResources(
            ConfigLoader.class.getClassLoader(),
            "reference.conf",
            ConfigParseOptions.defaults().setAllowMissing(false))
        .withOnlyPath("lorica");
  }

  private static Config commandLine(List<String> overrides, Config reference) {
    Config layer = ConfigFactory.empty(Origins.COMMAND_LINE);
    for (String override : overrides) {
      int equals = override.indexOf('=');
      String name = equals < 0 ? "" : override.substring(0, equals).trim();
      if (!KEY.matcher(name).matches()) {
        throw new IllegalArgumentException("--set must be key=value, got " + override);
      }
      String key = name.startsWith(ROOT) ? name : ROOT + name;
      String text = override.substring(equals + 1).trim();
      layer = layer.withValue(key, value(key, text, reference));
    }
    return layer;
  }

  /** A plain word is a text, so that paths and addresses need no quotes; a,b is a list. */
  private static ConfigValue value(String key, String text, Config reference) {
    Object plain = text;
    if (JSON_LIKE.matcher(text).matches()) {
      try {
        plain = ConfigFactory.parseString("v=" + text).getValue("v").unwrapped();
      } catch (ConfigException.Null e) {
        plain = null;
      } catch (ConfigException e) {
        throw new IllegalArgumentException("--set: " + key + ": cannot read value " + text, e);
      }
    } else if (reference.hasPath(key) && reference.getValue(key) instanceof ConfigList) {
      plain = Arrays.stream(text.split(",")).map(String::trim).filter(s -> !s.isEmpty()).toList();
    }
    return ConfigValueFactory.fromAnyRef(plain, Origins.COMMAND_LINE);
  }

  private static Config chooseAlternatives(Config merged, List<Config> highestFirst) {
    Config chosen = merged;
    for (List<String> pair : ALTERNATIVES) {
      String first = pair.get(0);
      String second = pair.get(1);
      for (Config layer : highestFirst) {
        boolean hasFirst = layer.hasPath(first);
        boolean hasSecond = layer.hasPath(second);
        if (hasFirst && hasSecond) {
          throw new IllegalArgumentException(
              Origins.prefix(layer.getValue(second).origin())
                  + String.format("%s and %s are both set; set only one of them", first, second));
        }
        if (hasFirst || hasSecond) {
          chosen = unset(chosen, hasFirst ? second : first);
          break;
        }
      }
    }
    return chosen;
  }

  private static Config unset(Config config, String key) {
    return config.withValue(key, ConfigValueFactory.fromAnyRef(null, "unset"));
  }

  private static IllegalArgumentException oneLine(ConfigException e) {
    String where = e.origin() == null ? "" : Origins.prefix(e.origin());
    String message = e.getMessage().replaceAll("\\s+", " ");
    if (e.origin() != null) {
      String own = e.origin().description() + ": ";
      message = message.startsWith(own) ? message.substring(own.length()) : message;
    }
    return new IllegalArgumentException(where + message, e);
  }
}
