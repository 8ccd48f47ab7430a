package org.lorica.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * CUDA libraries built from {@code fake-cuda.cpp}: processes that are started with them find cards
 * whose kernels run on the emulator. Everything above the libraries is what a real card would see.
 */
public record FakeCuda(Path folder) {
  private static final Map<String, String> LIBRARIES = new LinkedHashMap<>();

  static {
    LIBRARIES.put("libcudart.so.13", "RUNTIME");
    LIBRARIES.put("libcuda.so.1", "DRIVER");
    LIBRARIES.put("libnvrtc.so.13", "COMPILER");
    LIBRARIES.put("libcublasLt.so.13", "BLAS");
    LIBRARIES.put("libcublas.so.13", "BLAS");
  }

  /** Builds the libraries in {@code folder}; the test is skipped where there is no g++. */
  public static FakeCuda in(Path folder) throws IOException, InterruptedException {
    for (String source : List.of("/cuda/emulator.h", "/cuda/fake-cuda.cpp")) {
      unpack(source, folder);
    }
    unpack("/org/lorica/tensor/cuda/kernels.cu", folder);
    for (Map.Entry<String, String> library : LIBRARIES.entrySet()) {
      build(folder, library.getKey(), library.getValue());
    }
    return new FakeCuda(folder);
  }

  /** Builds the libraries in the folder named, and prints the environment that finds them. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createDirectories(Path.of(arguments[0])).toAbsolutePath();
    in(folder).environment().forEach((name, value) -> System.out.println(name + "=" + value));
  }

  private static void unpack(String resource, Path folder) throws IOException {
    try (InputStream in = FakeCuda.class.getResourceAsStream(resource)) {
      Files.copy(in, folder.resolve(Path.of(resource).getFileName().toString()));
    }
  }

  private static void build(Path folder, String name, String part)
      throws IOException, InterruptedException {
    Path versions = Files.writeString(folder.resolve(name + ".map"), name + " { global: *; };\n");
    ProcessBuilder gxx =
        new ProcessBuilder(
            "g++",
            "-std=c++17",
            "-O2",
            "-fPIC",
            "-shared",
            "-D" + part,
            "-Wl,-soname," + name,
            "-Wl,--version-script," + versions,
            "-o",
            folder.resolve(name).toString(),
            folder.resolve("fake-cuda.cpp").toString());
    Process process;
    try {
      process = gxx.redirectErrorStream(true).start();
    } catch (IOException noCompiler) {
      assumeTrue(false, () -> "no fake CUDA libraries: " + noCompiler.getMessage());
      throw noCompiler;
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(name + ": " + said);
    }
  }

  /** What a process needs in its environment to find these libraries in place of real ones. */
  public Map<String, String> environment() {
    List<String> files =
        LIBRARIES.keySet().stream().map(n -> folder.resolve(n).toString()).toList();
    return Map.of("LD_PRELOAD", String.join(":", files), "LD_LIBRARY_PATH", folder.toString());
  }

  /** A JVM like this one, with these libraries and some more in its environment. */
  public Subprocess java(Map<String, String> more, Class<?> main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(a -> !a.startsWith("-javaagent") && !a.startsWith("-agentlib"))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment());
    builder.environment().putAll(more);
    return Subprocess.start(builder);
  }
}
