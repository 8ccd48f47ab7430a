package org.lorica.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** A product of axes over configuration keys: every cell is a scenario with its own overrides. */
public record Grid(List<Axis> axes) {
  private static final int DIGEST_LETTERS = 16;

  public Grid {
    axes = List.copyOf(axes);
    TreeSet<String> seen = new TreeSet<>();
    for (Axis axis : axes) {
      for (String key : axis.keys()) {
        if (!seen.add(key)) {
          throw new IllegalArgumentException("a grid's axes must name a key once, got " + key);
        }
      }
    }
  }

  /**
   * Keys that change together.
   *
   * @param keys configuration keys, with or without {@code lorica.}
   * @param points one value a key, written as after {@code --set key=}
   */
  public record Axis(List<String> keys, List<List<String>> points) {
    public Axis {
      keys = keys.stream().map(Axis::plain).toList();
      points = points.stream().map(List::copyOf).toList();
      if (keys.isEmpty() || points.isEmpty()) {
        throw new IllegalArgumentException(
            "an axis must have at least one key and one value, got " + keys + " and " + points);
      }
      for (List<String> point : points) {
        if (point.size() != keys.size()) {
          throw new IllegalArgumentException(
              "keys that change together must have equally many values, got "
                  + keys
                  + " and "
                  + points);
        }
      }
    }

    /** One key and its values. */
    public static Axis of(String key, List<?> values) {
      return new Axis(List.of(key), values.stream().map(v -> List.of(v.toString())).toList());
    }

    private static String plain(String key) {
      return key.startsWith("lorica.") ? key.substring("lorica.".length()) : key;
    }
  }

  /**
   * One point of the grid.
   *
   * @param index counted from 0, the last axis running fastest
   * @param settings key to value, in the order of the axes
   */
  public record Cell(int index, Map<String, String> settings) {
    public Cell {
      settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /** As for {@link ConfigLoader#load}. */
    public List<String> overrides() {
      return settings.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
    }

    /** {@code clients.count=40 strategy.name=fedask}. */
    public String label() {
      return String.join(" ", overrides());
    }
  }

  /** All combinations. */
  public List<Cell> cells() {
    List<Map<String, String>> partial = List.of(Map.of());
    for (Axis axis : axes) {
      List<Map<String, String>> next = new ArrayList<>();
      for (Map<String, String> before : partial) {
        for (List<String> point : axis.points()) {
          Map<String, String> settings = new LinkedHashMap<>(before);
          for (int k = 0; k < point.size(); k++) {
            settings.put(axis.keys().get(k), point.get(k));
          }
          next.add(settings);
        }
      }
      partial = next;
    }
    List<Cell> cells = new ArrayList<>();
    for (Map<String, String> settings : partial) {
      cells.add(new Cell(cells.size(), settings));
    }
    return cells;
  }

  /**
   * 16 hexadecimal digits that tell configurations apart, whatever a run is called and wherever it
   * writes. Files are told apart by their names, not by what is in them.
   */
  public static String digest(LoadedConfig config) {
    try {
      byte[] text =
          ConfigLoader.without(config.resolvedHocon(), List.of("lorica.name", "lorica.out"))
              .getBytes(StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(text);
      return HexFormat.of().formatHex(hash).substring(0, DIGEST_LETTERS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JVM has no SHA-256", e);
    }
  }
}
