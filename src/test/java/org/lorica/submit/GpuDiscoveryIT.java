package org.lorica.submit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.submit.Launcher.Answer;

/** {@code submit/gpu-discovery} with an nvidia-smi made for the test. */
class GpuDiscoveryIT {
  @TempDir private Path bin;

  /** The script's answer where nvidia-smi prints {@code listing} and ends with {@code code}. */
  private Answer where(String listing, int code) throws IOException {
    Path smi = bin.resolve("nvidia-smi");
    Files.writeString(bin.resolve("listing"), listing);
    Files.writeString(smi, "#!/bin/sh\ncat '" + bin.resolve("listing") + "'\nexit " + code + "\n");
    assertThat(smi.toFile().setExecutable(true)).isTrue();
    return Launcher.of("gpu-discovery").with("PATH", bin + ":" + System.getenv("PATH")).run();
  }

  private static List<String> addresses(Answer answer) throws IOException {
    assertThat(answer.err()).isEmpty();
    assertThat(answer.code()).isZero();
    JsonNode json = new ObjectMapper().readTree(answer.out());
    assertThat(json.get("name").asText()).isEqualTo("gpu");
    return json.findValue("addresses").valueStream().map(JsonNode::asText).toList();
  }

  @Test
  void wholeGpusAreGivenByIndex() throws IOException {
    assertThat(
            addresses(
                where(
                    """
                    GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-aa)
                    GPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-bb)
                    """,
                    0)))
        .containsExactly("0", "1");
  }

  @Test
  void aGpuCutIntoInstancesIsGivenByTheirUuids() throws IOException {
    assertThat(
            addresses(
                where(
                    """
                    GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-aa)
                      MIG 3g.40gb     Device  0: (UUID: MIG-11-22)
                      MIG 3g.40gb     Device  1: (UUID: MIG-33-44)
                    GPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-bb)
                    """,
                    0)))
        .containsExactly("MIG-11-22", "MIG-33-44", "1");
  }

  @Test
  void aDriverThatFailsIsNamed() throws IOException {
    Answer answer = where("NVIDIA-SMI has failed because it couldn't reach the driver.\n", 9);
    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.out()).isEmpty();
    assertThat(answer.errLines()).singleElement().asString().contains("couldn't reach the driver");
  }

  @Test
  void noGpuIsAnErrorNotAnEmptyList() throws IOException {
    Answer answer = where("No devices found\n", 0);
    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.errLines()).singleElement().asString().contains("No devices found");
  }

  @Test
  void aMachineWithoutDriverIsNamed() throws IOException {
    for (String tool : List.of("bash", "env")) {
      Path real = Path.of("/usr/bin", tool);
      Files.createSymbolicLink(
          bin.resolve(tool), Files.exists(real) ? real : Path.of("/bin", tool));
    }
    Answer answer = Launcher.of("gpu-discovery").with("PATH", bin.toString()).run();
    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.errLines()).singleElement().asString().contains("nvidia-smi was not found");
  }
}
