package org.lorica.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/** Texts that the page is made of. */
final class Resources {
  private static final String CHARTS = "META-INF/resources/webjars/chart.js/";
  private static final String POM = "META-INF/maven/org.webjars.npm/chart.js/pom.properties";

  private Resources() {}

  /** A file beside this class. */
  static String text(String name) {
    return read("org/lorica/report/" + name);
  }

  static String chartScript() {
    return read(CHARTS + version() + "/dist/chart.umd.min.js");
  }

  static String chartLicence() {
    return read(CHARTS + version() + "/LICENSE.md");
  }

  private static String version() {
    Properties pom = new Properties();
    try (InputStream in = open(POM)) {
      pom.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + POM, e);
    }
    return pom.getProperty("version");
  }

  private static String read(String name) {
    try (InputStream in = open(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }

  private static InputStream open(String name) {
    InputStream in = Resources.class.getClassLoader().getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException(name + " is missing from the class path: the jar is damaged");
    }
    return in;
  }
}
