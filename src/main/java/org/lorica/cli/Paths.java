package org.lorica.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lorica.config.ConfigLoader;
import org.lorica.config.DataConfig;
import org.lorica.config.LoadedConfig;
import org.lorica.config.RunConfig;

/**
 * Loads a scenario with its file names made absolute: executors do not share the driver's working
 * directory.
 */
final class Paths {
  private Paths() {}

  static LoadedConfig absolute(Path scenario, List<String> overrides) {
    RunConfig run = ConfigLoader.load(scenario, overrides).run();
    List<String> all = new ArrayList<>(overrides);
    all.add(override("model.path", run.model().path()));
    if (run.data().source() != DataConfig.Source.JDK_LOCALE_NAMES) {
      all.add(override("data.train", run.data().train()));
    }
    run.data().test().ifPresent(path -> all.add(override("data.test", path)));
    run.lora().init().ifPresent(path -> all.add(override("adapter.init", path)));
    return ConfigLoader.load(scenario, all);
  }

  private static String override(String key, String path) {
    boolean scheme = path.matches("[a-z][a-z0-9+.-]+:/.*"); // s3a://…, hf://…
    return key + "=" + (scheme ? path : Path.of(path).toAbsolutePath().normalize());
  }
}
