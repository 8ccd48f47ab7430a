package org.lorica.spark;

import org.apache.spark.SparkConf;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.lorica.config.LoadedConfig;

/**
 * Makes an executor ready before its first task: loads the frozen model and the data once,
 * registers metrics, and tells the driver at once what is wrong there. Without it, where a session
 * runs already, the first task of an executor loads the model.
 */
public final class LoricaPlugin implements SparkPlugin {
  /** The resolved settings of the run that an executor shall load. No secrets are among them. */
  static final String SETTINGS = "spark.lorica.settings";

  private static final String PLUGINS = "spark.plugins";

  /** Adds the plugin to an application that is about to start. */
  public static void installInPlace(SparkConf conf, LoadedConfig config) {
    String others = conf.get(PLUGINS, "");
    String own = LoricaPlugin.class.getName();
    conf.set(PLUGINS, others.isEmpty() ? own : others + "," + own);
    conf.set(SETTINGS, config.resolvedHocon());
  }

  @Override
  public DriverPlugin driverPlugin() {
    return new Notices();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorStart();
  }

  /** Shows what executors have to say, on the driver's console. */
  private static final class Notices implements DriverPlugin {
    @Override
    public Object receive(Object message) {
      if (message instanceof ExecutorNotice notice) {
        System.err.println("lorica: " + notice);
      }
      return null;
    }

    @Override
    public void registerMetrics(String appId, PluginContext context) {}
  }
}
