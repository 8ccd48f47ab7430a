package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class MainErrorsTest {

  @Command(name = "failing")
  private static final class Failing implements Callable<Integer> {
    private final Throwable error;

    Failing(Throwable error) {
      this.error = error;
    }

    @Override
    public Integer call() throws Exception {
      if (error instanceof Error fatal) {
        throw fatal;
      }
      throw (Exception) error;
    }
  }

  private static String printed(Throwable error) {
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(new Failing(error)).setErr(new PrintWriter(err, true));
    assertThat(Main.execute(line)).isEqualTo(1);
    return err.toString();
  }

  @Test
  void aFullHeapIsOneLineThatSaysHowToGetMore() {
    assertThat(printed(new OutOfMemoryError("Java heap space")).lines())
        .singleElement()
        .asString()
        .startsWith("lorica: out of memory (Java heap space), with a heap of at most ")
        .contains("LORICA_HEAP");
  }

  @Test
  void anApplicationThatItsMasterGaveUpIsOneLine() {
    String spark = "Cannot call methods on a stopped SparkContext.\nThis stopped …\n at …";
    assertThat(printed(new IllegalStateException(spark)).lines())
        .singleElement()
        .asString()
        .startsWith("lorica: the Spark application has ended: its master (");
  }

  @Test
  void aFileThatCannotBeUsedIsNamedWithTheReason() {
    IOException denied = new AccessDeniedException("runs/a");
    assertThat(printed(denied)).isEqualToIgnoringNewLines("lorica: runs/a: permission denied");
    assertThat(printed(new UncheckedIOException("cannot make runs/a: runs", denied)))
        .isEqualToIgnoringNewLines("lorica: cannot make runs/a: runs: permission denied");
    IOException full = new IOException("No space left on device");
    assertThat(printed(new UncheckedIOException("cannot write under a", full)))
        .isEqualToIgnoringNewLines("lorica: cannot write under a: No space left on device");
    assertThat(printed(new FileSystemException("a", null, "No space left on device")))
        .isEqualToIgnoringNewLines("lorica: a: No space left on device");
  }

  @Test
  void anErrorOfLoadingIsReportedLikeAnyOtherFailure() {
    assertThat(printed(new NoClassDefFoundError("a/b/C"))).startsWith("lorica: a/b/C");
  }
}
