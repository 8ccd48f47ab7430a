package org.lorica.tensor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.lorica.tensor.cuda.CudaDevices;
import org.lorica.tensor.cuda.CudaKernels;

/** The one place that picks kernels: of the CPU, or of the device that this thread is bound to. */
public final class FastestKernels {
  /** What an NVIDIA driver leaves on a machine; the last is Windows' subsystem for Linux. */
  private static final List<Path> TRACES_OF_A_DRIVER =
      List.of(Path.of("/dev/nvidiactl"), Path.of("/proc/driver/nvidia"), Path.of("/dev/dxg"));

  /** By the address of the bound device: a machine that failed once is not asked again. */
  private static final Map<Optional<String>, Choice> AUTOMATIC = new ConcurrentHashMap<>();

  private FastestKernels() {}

  /**
   * Kernels, and why these.
   *
   * @param why in words, for people who expected others
   */
  public record Choice(Kernels kernels, String why) {}

  /** The CPU's, loaded once. */
  private static final class Cpu {
    static final Kernels KERNELS = new CpuKernels();
  }

  /** The fastest kernel set that works here. */
  public static Kernels here() {
    return on(Device.AUTO).kernels();
  }

  /**
   * The kernels of a kind of device, for this thread.
   *
   * @throws DeviceException in one line, where {@code CUDA} is asked for and cannot be had
   */
  public static Choice on(Device device) {
    return switch (device) {
      case CPU -> cpu("device = cpu");
      case CUDA -> cuda(BoundDevice.address());
      case AUTO -> AUTOMATIC.computeIfAbsent(BoundDevice.address(), FastestKernels::automatic);
    };
  }

  private static Choice automatic(Optional<String> address) {
    if (TRACES_OF_A_DRIVER.stream().noneMatch(Files::exists)) {
      return cpu("device = auto, and this machine has no NVIDIA driver");
    }
    try {
      return cuda(address);
    } catch (DeviceException e) {
      return cpu("device = auto, and " + e.getMessage());
    }
  }

  private static Choice cuda(Optional<String> address) {
    CudaKernels kernels = CudaDevices.open(address);
    String place = address.map(a -> "GPU " + a + " of the scheduler").orElse("first CUDA device");
    return new Choice(kernels, place + ": " + kernels.description());
  }

  private static Choice cpu(String why) {
    VectorModule.require(Runtime.version(), ModuleLayer.boot());
    return new Choice(Cpu.KERNELS, why);
  }
}
