package org.lorica.cli;

import java.io.IOException;
import java.lang.Runtime.Version;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What {@code lorica doctor} found out about one thing.
 *
 * @param found as it is
 * @param remedy what to change; empty where nothing must be
 */
record Finding(String thing, Level level, String found, String remedy) {
  private static final double GIB = 1L << 30;

  /** How bad it is. */
  enum Level {
    OK,
    /** Works, but not as well as it could. */
    NOTE,
    /** Prevents a run. */
    PROBLEM
  }

  static Finding ok(String thing, String found) {
    return new Finding(thing, Level.OK, found, "");
  }

  static Finding note(String thing, String found, String remedy) {
    return new Finding(thing, Level.NOTE, found, remedy);
  }

  static Finding problem(String thing, String found, String remedy) {
    return new Finding(thing, Level.PROBLEM, found, remedy);
  }

  /** Java 17 with the Vector API. */
  static Finding java(Version version, List<String> modules) {
    if (version.feature() != 17) {
      return problem("Java", version.toString(), "install a JDK 17 and set JAVA_HOME to it");
    }
    if (!modules.contains("jdk.incubator.vector")) {
      return problem(
          "Java",
          version + " without the module jdk.incubator.vector",
          "start through submit/lorica, or add --add-modules=jdk.incubator.vector to the JVM's"
              + " options (spark.driver.extraJavaOptions and spark.executor.extraJavaOptions)");
    }
    return ok("Java", version + " with the Vector API");
  }

  /** Spark 4 on Scala 2.13. */
  static Finding spark(String version, String scala) {
    String found = version + " on Scala " + scala;
    if (!version.startsWith("4.") || !scala.startsWith("2.13")) {
      return problem("Spark", found, "use a Spark 4 that is built for Scala 2.13");
    }
    return ok("Spark", found);
  }

  /**
   * Room for the heap and for native memory beside it.
   *
   * @param heap most bytes of the heap
   * @param machine bytes of memory of the machine or container
   */
  static Finding memory(long heap, long machine) {
    String found =
        String.format(
            Locale.ROOT, "heap %.1f GiB of %.1f GiB on the machine", heap / GIB, machine / GIB);
    if (heap > machine - GIB / 2) {
      return problem(
          "memory",
          found + ": no room for native memory",
          "lower the heap (LORICA_HEAP, or --driver-memory): weights and activations are outside it");
    }
    if (heap < GIB / 2) {
      return problem("memory", found, "give it at least 1g: LORICA_HEAP=1g, or --driver-memory 1g");
    }
    if (heap > 0.75 * machine) {
      return note("memory", found, "leave a quarter of the machine to native memory");
    }
    return ok("memory", found);
  }

  /** Native memory as JavaCPP limits it. */
  static Finding nativeMemory(long cap, long processCap) {
    String found = "cap " + shown(cap) + ", cap of the process " + shown(processCap);
    if (processCap > 0 && processCap < GIB) {
      return problem(
          "native memory",
          found,
          "raise -Dorg.bytedeco.javacpp.maxphysicalbytes (0 = no limit), which counts the heap too");
    }
    return ok("native memory", found);
  }

  private static String shown(long bytes) {
    return bytes <= 0 || bytes == Long.MAX_VALUE
        ? "none"
        : String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
  }

  /** One kernel thread a task, and as many tasks as cores. */
  static Finding cores(int cores, String master) {
    String found = cores + (cores == 1 ? " core" : " cores") + ", master " + master;
    if (master.startsWith("local[") && !master.startsWith("local[*")) {
      String asked = master.replaceAll("^local\\[(\\d+).*", "$1");
      if (asked.matches("\\d+") && Integer.parseInt(asked) > cores) {
        return note(
            "cores",
            found,
            "more task slots than cores slow all of them down: LORICA_MASTER=local[*]");
      }
    }
    return ok("cores", found);
  }

  /** The linear algebra that was loaded. */
  static Finding kernels(String names, int blasThreads, double productError) {
    if (!(productError < 1e-4)) {
      return problem(
          "kernels",
          names + ": a product is wrong by " + productError,
          "this OpenBLAS does not suit the processor: try OPENBLAS_CORETYPE=Haswell");
    }
    if (blasThreads != 1) {
      return note(
          "kernels",
          names + ", " + blasThreads + " BLAS threads",
          "results may differ in their last bits; unset OPENBLAS_NUM_THREADS");
    }
    return ok("kernels", names);
  }

  /** A folder that will be written to, and room in it. */
  static Finding folder(String thing, Path folder, long leastBytes) {
    try {
      Files.createDirectories(folder);
      Path probe = Files.createTempFile(folder, ".lorica", ".tmp");
      Files.delete(probe);
      FileStore store = Files.getFileStore(folder);
      long free = store.getUsableSpace();
      String found =
          String.format(Locale.ROOT, "%s, %.1f GiB free", folder.toAbsolutePath(), free / GIB);
      return free < leastBytes
          ? problem(
              thing,
              found,
              String.format(Locale.ROOT, "make room: %.1f GiB are needed", leastBytes / GIB))
          : ok(thing, found);
    } catch (IOException e) {
      return problem(
          thing,
          folder.toAbsolutePath() + " cannot be written to (" + e.getMessage() + ")",
          "change its rights, or choose another folder");
    }
  }

  /**
   * GPUs of this machine.
   *
   * @param listed lines of {@code nvidia-smi --query-gpu=name,driver_version}; empty without it
   * @param used whether the kernels that were loaded are a GPU's
   */
  static Finding gpus(List<String> listed, String used) {
    if (listed.isEmpty()) {
      return ok("GPUs", "none found (nvidia-smi is missing or lists none); not needed");
    }
    String found = listed.size() + ": " + String.join("; ", listed);
    return used.contains("cuda")
        ? ok("GPUs", found)
        : note("GPUs", found + "; not used", "the kernels that were loaded are " + used);
  }
}
