package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessOwnerTest {
  private static final String MASTER = "spark.master";
  private static final String MODE = "spark.submit.deployMode";

  private String master;
  private String mode;

  @BeforeEach
  void remember() {
    master = System.getProperty(MASTER);
    mode = System.getProperty(MODE);
  }

  @AfterEach
  void restore() {
    set(MASTER, master);
    set(MODE, mode);
  }

  private static void set(String key, String value) {
    if (value == null) {
      System.clearProperty(key);
    } else {
      System.setProperty(key, value);
    }
  }

  private static ProcessOwner owner(String master, String mode) {
    return ProcessOwner.of(Map.of(), Map.of(MASTER, master, MODE, mode)::get);
  }

  @Test
  void aCommandOwnsItsProcessButInYarnsApplicationMasterAndOnDatabricks() {
    assertThat(owner("", "")).isEqualTo(ProcessOwner.COMMAND);
    assertThat(owner("local[2]", "client")).isEqualTo(ProcessOwner.COMMAND);
    assertThat(owner("yarn", "client")).isEqualTo(ProcessOwner.COMMAND);
    assertThat(owner("spark://h:7077", "cluster")).isEqualTo(ProcessOwner.COMMAND);
    assertThat(owner("yarn", "cluster")).isEqualTo(ProcessOwner.SURROUNDINGS);
    assertThat(ProcessOwner.of(Map.of("DATABRICKS_RUNTIME_VERSION", "17.3"), key -> ""))
        .isEqualTo(ProcessOwner.SURROUNDINGS);
  }

  /** YARN's application master shows the exception's text on the client's console. */
  @Test
  void aFailureInsideYarnIsToldByAnExceptionOfOneLine() {
    set(MASTER, "yarn");
    set(MODE, "cluster");
    assertThatCode(() -> Main.main(new String[] {"--version"})).doesNotThrowAnyException();
    assertThatThrownBy(() -> Main.main(new String[] {"train", "none.conf"}))
        .isInstanceOf(ProcessOwner.CommandFailedException.class)
        .hasMessage("lorica ended with exit code 1: none.conf: no such scenario file")
        .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    assertThatThrownBy(() -> Main.main(new String[] {"trian"}))
        .hasMessage("lorica ended with exit code 2");
  }

  @Test
  void aCommandOfSomebodyElsesProcessReturnsWhenItIsDone() {
    ProcessOwner owner = ProcessOwner.SURROUNDINGS;
    assertThatCode(() -> owner.end(0, Optional.empty())).doesNotThrowAnyException();
    assertThatThrownBy(() -> owner.end(1, Optional.of("why"))).hasMessageEndingWith(": why");
  }
}
