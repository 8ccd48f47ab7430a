package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class MainErrorsTest {

  @Command(name = "failing")
  private static final class Failing implements Callable<Integer> {
    private final Error error;

    Failing(Error error) {
      this.error = error;
    }

    @Override
    public Integer call() {
      throw error;
    }
  }

  private static String printed(Error error) {
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
  void anErrorOfLoadingIsReportedLikeAnyOtherFailure() {
    assertThat(printed(new NoClassDefFoundError("a/b/C"))).startsWith("lorica: a/b/C");
  }
}
