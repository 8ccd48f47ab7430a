package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.cli.Finding.Level;

class FindingTest {
  private static final long GIB = 1L << 30;
  private static final List<String> MODULES = List.of("java.base", "jdk.incubator.vector");

  @TempDir private Path dir;

  @Test
  void javaMustBe17WithTheVectorModule() {
    assertThat(Finding.java(Runtime.Version.parse("17.0.9"), MODULES).level()).isEqualTo(Level.OK);
    assertThat(Finding.java(Runtime.Version.parse("11.0.1"), MODULES).remedy()).contains("JDK 17");
    Finding without = Finding.java(Runtime.Version.parse("17.0.9"), List.of("java.base"));
    assertThat(without.level()).isEqualTo(Level.PROBLEM);
    assertThat(without.remedy()).contains("--add-modules=jdk.incubator.vector");
    assertThat(Finding.java(Runtime.Version.parse("21"), MODULES).level()).isEqualTo(Level.PROBLEM);
  }

  @Test
  void sparkMustBe4OnScala213() {
    assertThat(Finding.spark("4.1.0", "2.13.17").level()).isEqualTo(Level.OK);
    assertThat(Finding.spark("3.5.6", "2.13.8").level()).isEqualTo(Level.PROBLEM);
    assertThat(Finding.spark("4.0.1", "2.12.1").level()).isEqualTo(Level.PROBLEM);
  }

  @Test
  void nativeMemoryMustHaveRoomBesideTheHeap() {
    assertThat(Finding.memory(2 * GIB, 16 * GIB).level()).isEqualTo(Level.OK);
    assertThat(Finding.memory(14 * GIB, 16 * GIB).level()).isEqualTo(Level.NOTE);
    assertThat(Finding.memory(16 * GIB, 16 * GIB).level()).isEqualTo(Level.PROBLEM);
    assertThat(Finding.memory(GIB / 8, 16 * GIB).remedy()).contains("LORICA_HEAP=1g");
    assertThat(Finding.nativeMemory(0, GIB / 2).level()).isEqualTo(Level.PROBLEM);
    assertThat(Finding.nativeMemory(0, 0).level()).isEqualTo(Level.OK);
  }

  @Test
  void moreTaskSlotsThanCoresAreNoted() {
    assertThat(Finding.cores(4, "local[8]").level()).isEqualTo(Level.NOTE);
    assertThat(Finding.cores(4, "local[4]").level()).isEqualTo(Level.OK);
    assertThat(Finding.cores(4, "local[*]").level()).isEqualTo(Level.OK);
    assertThat(Finding.cores(4, "spark://h:7077").level()).isEqualTo(Level.OK);
  }

  @Test
  void kernelsThatComputeWronglyPreventARun() {
    assertThat(Finding.kernels("cpu", 1, 1e-7).level()).isEqualTo(Level.OK);
    assertThat(Finding.kernels("cpu", 1, 0.5).level()).isEqualTo(Level.PROBLEM);
    assertThat(Finding.kernels("cpu", 1, Double.NaN).level()).isEqualTo(Level.PROBLEM);
    assertThat(Finding.kernels("cpu", 4, 1e-7).level()).isEqualTo(Level.NOTE);
  }

  @Test
  void aFolderMustBeWritableAndHaveRoom() throws Exception {
    assertThat(Finding.folder("runs", dir.resolve("new"), 1).level()).isEqualTo(Level.OK);
    assertThat(Finding.folder("runs", dir, Long.MAX_VALUE).remedy()).contains("make room");
    Path file = Files.writeString(dir.resolve("file"), "");
    Finding blocked = Finding.folder("runs", file.resolve("sub"), 1);
    assertThat(blocked.level()).isEqualTo(Level.PROBLEM);
    assertThat(blocked.found()).contains("cannot be written to");
  }

  @Test
  void gpusThatAreNotUsedAreNoted() {
    assertThat(Finding.gpus(List.of(), "cpu").level()).isEqualTo(Level.OK);
    assertThat(Finding.gpus(List.of("H100, 580"), "cpu (float32)").level()).isEqualTo(Level.NOTE);
    assertThat(Finding.gpus(List.of("H100, 580"), "cuda (float32)").level()).isEqualTo(Level.OK);
  }
}
