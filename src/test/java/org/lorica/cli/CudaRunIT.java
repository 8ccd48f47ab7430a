package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.SafeTensors;
import org.lorica.testing.BoundTraining;
import org.lorica.testing.FakeCuda;
import org.lorica.testing.RunResult;
import org.lorica.testing.Subprocess;
import org.lorica.testing.TinyScenario;

/** Whole commands with {@code --device cuda}, in processes that find fake CUDA libraries. */
class CudaRunIT {
  @TempDir static Path dir;
  private static FakeCuda cuda;
  private static TinyScenario scenario;

  @BeforeAll
  static void build() throws Exception {
    cuda = FakeCuda.in(Files.createDirectories(dir.resolve("cuda")));
    scenario = TinyScenario.in(Files.createDirectories(dir.resolve("scenario")));
  }

  private static String said(int code, Map<String, String> environment, List<String> arguments)
      throws IOException {
    try (Subprocess process = cuda.java(environment, Main.class, arguments)) {
      assertThat(process.exitCode()).as(process.output()).isEqualTo(code);
      return process.output();
    }
  }

  @Test
  void doctorNamesTheCardAndComputesOnIt() throws IOException {
    assertThat(said(0, Map.of(), List.of("doctor", "--device", "cuda")))
        .contains("cuda (float32)", "first CUDA device: Fake Device, sm_90, 8.0 of 8.0 GiB free");
  }

  /** One round: the key of the next one's noise holds the adapter's bits, so that noise is new. */
  @Test
  void aRoundOnACardIsTheRoundOnTheCpuUpToRounding() throws IOException {
    String[] settings = {"federation.rounds=1", "federation.engine=local"};
    Path onCard = dir.resolve("card");
    Path onCpu = dir.resolve("cpu");
    said(0, Map.of(), scenario.arguments("train", with(settings, "out=" + onCard, "device=cuda")));
    said(0, Map.of(), scenario.arguments("train", with(settings, "out=" + onCpu, "device=cpu")));
    assertThat(RunResult.of(onCard).privacy()).isEqualTo(RunResult.of(onCpu).privacy());
    SafeTensors found = adapter(onCard);
    SafeTensors expected = adapter(onCpu);
    assertThat(found.names()).isEqualTo(expected.names()).isNotEmpty();
    for (String name : expected.names()) {
      float[] values = found.floats(name);
      float[] twin = expected.floats(name);
      for (int i = 0; i < twin.length; i++) {
        assertThat(values[i]).as("%s %d", name, i).isCloseTo(twin[i], within(1e-5f));
      }
    }
  }

  private static SafeTensors adapter(Path runs) throws IOException {
    return SafeTensors.open(RunResult.only(runs).resolve("adapter/adapter_model.safetensors"));
  }

  private static String[] with(String[] settings, String... more) {
    String[] all = java.util.Arrays.copyOf(settings, settings.length + more.length);
    System.arraycopy(more, 0, all, settings.length, more.length);
    return all;
  }

  @Test
  void everyThreadComputesOnTheDeviceThatItsTaskWasGiven() throws IOException {
    Path settings = Files.writeString(dir.resolve("settings.conf"), hocon());
    Path log = dir.resolve("devices.log");
    Map<String, String> environment =
        Map.of("FAKE_CUDA_DEVICES", "3", "FAKE_CUDA_LOG", log.toString());
    String uuid = "GPU-02020202-0202-0202-0202-020202020202"; // of CUDA's device 1
    List<String> arguments = List.of(settings.toString(), "0", uuid);
    try (Subprocess process = cuda.java(environment, BoundTraining.class, arguments)) {
      assertThat(process.exitCode()).as(process.output()).isZero();
      List<String> losses =
          process.output().lines().filter(l -> l.contains(" loss ")).map(CudaRunIT::loss).toList();
      assertThat(losses).hasSize(2);
      assertThat(losses.get(0)).isEqualTo(losses.get(1));
    }
    // index 0 is the first on the bus, which CUDA counts last
    assertThat(Files.readAllLines(log)).hasSize(2).noneMatch(l -> l.startsWith("device 0"));
    assertThat(Files.readString(log)).contains("device 1 peak", "device 2 peak");
  }

  private static String loss(String line) {
    return line.substring(line.indexOf(" loss "));
  }

  private static String hocon() {
    return scenario.load("device=cuda").resolvedHocon();
  }

  @Test
  void aMachineWithoutACardAndACardWithoutMemoryAreOneLineEach() throws IOException {
    List<String> arguments =
        scenario.arguments("train", "device=cuda", "federation.engine=local", "out=" + dir);
    assertThat(said(1, Map.of("FAKE_CUDA_DEVICES", "0"), arguments))
        .contains("lorica: no CUDA device: no CUDA-capable device is detected (100)")
        .doesNotContain("\tat ");
    assertThat(said(1, Map.of("FAKE_CUDA_MEMORY", "1000"), arguments))
        .contains("lorica: the CUDA device has no 65536 bytes left: Fake Device")
        .doesNotContain("\tat ");
  }

  /** Drivers bring a kernel's code to the card at its first launch. */
  @Test
  void aLaunchThatFindsNoMemorySplitsTheBatch() throws IOException {
    List<String> arguments =
        scenario.arguments(
            "train",
            "device=cuda",
            "federation.engine=local",
            "federation.rounds=1",
            "out=" + dir.resolve("full"));
    assertThat(said(0, Map.of("FAKE_CUDA_FULL_LAUNCHES", "1"), arguments))
        .contains("Split: memory was full");
  }
}
