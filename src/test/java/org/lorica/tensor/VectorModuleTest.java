package org.lorica.tensor;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class VectorModuleTest {
  private static final Runtime.Version JAVA_17 = Runtime.Version.parse("17.0.9");

  @Test
  void thisJvmWillDo() {
    assertThatCode(() -> VectorModule.require(Runtime.version(), ModuleLayer.boot()))
        .doesNotThrowAnyException();
  }

  @Test
  void anotherJavaIsRefusedByNumber() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VectorModule.require(Runtime.Version.parse("21.0.2"), ModuleLayer.boot()))
        .withMessageStartingWith("Java 17 is needed")
        .withMessageContaining("found 21.0.2");
  }

  @Test
  void aMissingModuleIsNamedWithTheOptionThatAddsIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VectorModule.require(JAVA_17, ModuleLayer.empty()))
        .withMessageContaining("--add-modules=jdk.incubator.vector");
  }
}
