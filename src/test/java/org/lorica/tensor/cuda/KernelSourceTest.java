package org.lorica.tensor.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kernels.cu} as a compiler for cards sees it, and as the Java code names it. */
class KernelSourceTest {
  private static final Pattern KERNEL = Pattern.compile("__global__ void (\\w+)\\(");

  @TempDir Path dir;

  private static String source() throws IOException {
    try (InputStream in = CudaKernels.class.getResourceAsStream("kernels.cu")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sm_80", "sm_90", "sm_100"})
  void itCompilesToMachineCodeWithoutSpillingForAmpereHopperAndBlackwell(String architecture)
      throws Exception {
    Path nvcc =
        Stream.of("/usr/local/cuda/bin/nvcc", "/usr/bin/nvcc")
            .map(Path::of)
            .filter(Files::exists)
            .findFirst()
            .orElse(null);
    assumeTrue(nvcc != null, "no nvcc");
    Path file = Files.writeString(dir.resolve("kernels.cu"), source());
    Process process =
        new ProcessBuilder(
                List.of(
                    nvcc.toString(),
                    "-cubin",
                    "-std=c++17",
                    "-Xptxas=-v",
                    "-arch=" + architecture,
                    "-o",
                    dir.resolve("kernels.cubin").toString(),
                    file.toString()))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("0 bytes spill stores").doesNotContain("warning");
    assertThat(said.replace("0 bytes spill stores, 0 bytes spill loads", ""))
        .doesNotContain("spill");
  }

  @Test
  void everyKernelIsLaunchedByItsNameAndNoOtherNameIs() throws IOException {
    Set<String> written = new TreeSet<>();
    Matcher kernels = KERNEL.matcher(source());
    while (kernels.find()) {
      written.add(kernels.group(1));
    }
    Set<String> launched = new TreeSet<>();
    Pattern launch =
        Pattern.compile("(?:launch|elements|rows|elementwise|scores|run)\\(\\s*\"(\\w+)\"");
    for (String file : List.of("CudaKernels", "Reductions", "AttentionBatch")) {
      Path java = Path.of("src/main/java/org/lorica/tensor/cuda", file + ".java");
      launch.matcher(Files.readString(java)).results().forEach(name -> launched.add(name.group(1)));
    }
    assertThat(launched).isEqualTo(written);
  }
}
