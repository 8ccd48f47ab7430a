package org.lorica.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** Commands and pictures for notebooks; commands use the notebook's own Spark session. */
public final class Notebook {
  private Notebook() {}

  /**
   * Runs a command line, such as {@code run("train", "conf/quickstart.conf")}, and returns what it
   * printed.
   *
   * @throws IllegalStateException with the command's own words, if it ends with an exit code other
   *     than 0
   */
  public static String run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.execute(new PrintWriter(out), new PrintWriter(err), args);
    if (code != 0) {
      throw new IllegalStateException(
          "lorica " + String.join(" ", args) + " ended with " + code + ": " + err + out);
    }
    return out.toString();
  }

  /** A PNG file as HTML that holds the whole picture. */
  public static String picture(Path png) {
    try {
      String data = Base64.getEncoder().encodeToString(Files.readAllBytes(png));
      return "<img src=\"data:image/png;base64," + data + "\"/>";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + png, e);
    }
  }
}
