package org.lorica.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A sweep file: {@code sweep { name, scenario, out, table, parallel, set, axes }}; every key is
 * explained in {@code conf/sweep-clients.conf}.
 *
 * @param scenario absolute, or relative to the sweep file
 * @param overrides of every cell, {@code key=value}
 * @param target where results go
 * @param parallel cells at a time, ≥ 1
 */
public record SweepConfig(
    Path scenario, List<String> overrides, Grid grid, Target target, int parallel) {
  private static final Set<String> KEYS =
      Set.of("name", "scenario", "out", "table", "parallel", "set", "axes");

  public SweepConfig {
    overrides = List.copyOf(overrides);
    Checks.positive("sweep.parallel", parallel);
  }

  /**
   * Name and places of the results.
   *
   * @param out the sweep's folder is {@code <out>/<name>}
   * @param table a catalog table to append to
   */
  public record Target(String name, Path out, Optional<String> table) {
    public Target {
      Checks.folder("sweep.name", name);
      Checks.localFolder("sweep.out", out.toString());
    }
  }

  /**
   * Reads and checks a sweep file; keys of axes must be known, values are checked cell by cell.
   *
   * @param more overrides of every cell that win over the file's {@code set}
   */
  public static SweepConfig load(Path file, List<String> more) {
    return new SectionFile(file, "sweep").read((source, sweep) -> read(source, sweep, more));
  }

  private static SweepConfig read(SectionFile source, Config sweep, List<String> more) {
    source.requireKnown("sweep", sweep, KEYS);
    source.requireSet(sweep, "name", "scenario", "axes");
    List<String> overrides = source.overrides(sweep);
    overrides.addAll(more);
    return new SweepConfig(
        source.scenario(sweep),
        overrides,
        new Grid(axes(sweep.getList("axes"), source.path())),
        new Target(
            sweep.getString("name"),
            Path.of(sweep.hasPath("out") ? sweep.getString("out") : "runs"),
            sweep.hasPath("table") ? Optional.of(sweep.getString("table")) : Optional.empty()),
        sweep.hasPath("parallel") ? sweep.getInt("parallel") : 1);
  }

  private static List<Grid.Axis> axes(ConfigList list, Path file) {
    List<Grid.Axis> axes = new ArrayList<>();
    for (ConfigValue value : list) {
      if (!(value instanceof ConfigObject object)) {
        throw new IllegalArgumentException(
            Origins.prefix(value.origin())
                + "an axis of sweep.axes must be { key = [values] }, got "
                + Origins.shown(value));
      }
      axes.add(axis(object.toConfig(), file));
    }
    if (axes.isEmpty()) {
      throw new IllegalArgumentException(file + ": sweep.axes must have at least one axis, got []");
    }
    return axes;
  }

  private static Grid.Axis axis(Config axis, Path file) {
    Map<String, ConfigValue> values = values(axis, file);
    List<List<String>> points = new ArrayList<>();
    values.forEach(
        (key, value) -> {
          if (value.valueType() != ConfigValueType.LIST) {
            throw new IllegalArgumentException(
                Origins.prefix(value.origin())
                    + key
                    + " on an axis must be a list of values, got "
                    + Origins.shown(value));
          }
          List<ConfigValue> column = (ConfigList) value;
          for (int i = 0; i < column.size(); i++) {
            if (points.size() <= i) {
              points.add(new ArrayList<>());
            }
            points.get(i).add(text(column.get(i)));
          }
        });
    return new Grid.Axis(List.copyOf(values.keySet()), points);
  }

  /** Known keys only, in alphabetical order. */
  static Map<String, ConfigValue> values(Config section, Path file) {
    Map<String, ConfigValue> values = new TreeMap<>();
    for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
      String key = String.join(".", ConfigUtil.splitPath(entry.getKey()));
      values.put(key, entry.getValue());
    }
    KnownKeys known = new KnownKeys(ConfigLoader.reference());
    values.forEach(
        (key, value) -> {
          String full = key.startsWith("lorica.") ? key : "lorica." + key;
          known.check(ConfigFactory.empty().withValue(full, value), file.toString());
        });
    return values;
  }

  /** As after {@code --set key=}; a text that needs no quotes has none. */
  static String text(ConfigValue value) {
    boolean plain =
        value.valueType() == ConfigValueType.STRING
            && value.unwrapped().toString().matches("[A-Za-z][A-Za-z0-9_./-]*")
            && !value.unwrapped().equals("null");
    return plain ? value.unwrapped().toString() : value.render(ConfigRenderOptions.concise());
  }
}
