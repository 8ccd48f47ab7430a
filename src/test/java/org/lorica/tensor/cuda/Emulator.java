package org.lorica.tensor.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code emulator.cpp} with {@code kernels.cu} in it, built by g++ once a JVM. Tests that need it
 * are skipped, and say so, where there is no g++ or no header of JNI.
 */
final class Emulator {
  private static final String LIBRARY = "libemulator.so";
  private static final String MISSING = build();

  private Emulator() {}

  static void require() {
    assumeTrue(MISSING.isEmpty(), () -> "no emulated CUDA device: " + MISSING);
  }

  static native boolean launch(String kernel, int x, int y, int threads, long arguments);

  static native void gemm(int[] size, float[] factors, int count, long addresses);

  static native long allocate(long bytes);

  static native void free(long address);

  static native void copy(long from, long to, long bytes);

  /** What is missing; empty if the library is loaded. */
  private static String build() {
    Path headers = Path.of(System.getProperty("java.home"), "include");
    if (!Files.exists(headers.resolve("jni.h"))) {
      return "no " + headers.resolve("jni.h");
    }
    try {
      Path folder = Files.createTempDirectory("lorica-emulator");
      try {
        unpack("/org/lorica/tensor/cuda/kernels.cu", folder);
        unpack("/cuda/emulator.h", folder);
        unpack("/cuda/emulator.cpp", folder);
        compile(headers, folder);
        System.load(folder.resolve(LIBRARY).toString()); // and needs its file no more
        return "";
      } finally {
        for (String file : List.of("kernels.cu", "emulator.h", "emulator.cpp", LIBRARY)) {
          Files.deleteIfExists(folder.resolve(file));
        }
        Files.delete(folder);
      }
    } catch (IOException noCompiler) {
      return noCompiler.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private static void compile(Path headers, Path folder) throws IOException, InterruptedException {
    Process gxx =
        new ProcessBuilder(
                List.of(
                    "g++",
                    "-std=c++17",
                    "-O2",
                    "-fPIC",
                    "-shared",
                    "-I" + headers,
                    "-I" + headers.resolve("linux"),
                    "-o",
                    folder.resolve(LIBRARY).toString(),
                    folder.resolve("emulator.cpp").toString()))
            .redirectErrorStream(true)
            .start();
    String said = new String(gxx.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (gxx.waitFor() != 0) {
      throw new IllegalStateException("g++ refuses kernels.cu: " + said);
    }
  }

  private static void unpack(String resource, Path folder) throws IOException {
    try (InputStream in = Emulator.class.getResourceAsStream(resource)) {
      Files.copy(in, folder.resolve(resource.substring(resource.lastIndexOf('/') + 1)));
    }
  }
}
