package org.lorica.tensor.cuda;

import static org.bytedeco.cuda.global.cudart.cuDeviceGetUuid;
import static org.bytedeco.cuda.global.cudart.cudaDeviceGetPCIBusId;
import static org.bytedeco.cuda.global.cudart.cudaGetDeviceCount;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.cuda.cudart.CUuuid;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.javacpp.Loader;
import org.lorica.tensor.DeviceException;

/** The CUDA devices of this machine, each opened once a JVM. */
public final class CudaDevices {
  private static final Map<Integer, CudaKernels> OPEN = new ConcurrentHashMap<>();

  private CudaDevices() {}

  /**
   * Kernels of one device.
   *
   * @param address as the scheduler writes it, index or UUID; empty for the first device
   * @throws DeviceException where libraries, driver or device are missing, in one line
   */
  public static CudaKernels open(Optional<String> address) {
    int ordinal = ordinal(address);
    return OPEN.computeIfAbsent(ordinal, device -> new CudaKernels(new NvidiaDriver(device)));
  }

  private static int ordinal(Optional<String> address) {
    load();
    DeviceAddresses devices =
        new DeviceAddresses(list(), Optional.ofNullable(System.getenv("CUDA_VISIBLE_DEVICES")));
    return devices.ordinal(address);
  }

  private static void load() {
    try {
      Loader.load(cudart.class);
      Loader.load(cublas.class);
      Loader.load(nvrtc.class);
    } catch (LinkageError e) {
      throw new DeviceException("the CUDA 13 libraries cannot be loaded: " + reason(e), e);
    }
  }

  /** The innermost message that names a file, without the noise around it. */
  private static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    int colon = message.indexOf(": lib");
    return colon < 0 ? message : message.substring(colon + 2);
  }

  private static List<DeviceAddresses.Device> list() {
    int[] count = new int[1];
    int status = cudaGetDeviceCount(count);
    if (status != cudart.cudaSuccess) {
      throw new DeviceException(
          "no CUDA device: " + cudart.cudaGetErrorString(status).getString() + " (" + status + ")");
    }
    List<DeviceAddresses.Device> devices = new ArrayList<>();
    for (int ordinal = 0; ordinal < count[0]; ordinal++) {
      devices.add(new DeviceAddresses.Device(bus(ordinal), uuid(ordinal)));
    }
    return devices;
  }

  private static String bus(int ordinal) {
    byte[] text = new byte[64];
    Status.runtime(cudaDeviceGetPCIBusId(text, text.length, ordinal), "cudaDeviceGetPCIBusId");
    return new String(text, StandardCharsets.US_ASCII).split("\0", 2)[0];
  }

  private static String uuid(int ordinal) {
    try (CUuuid uuid = new CUuuid()) {
      Status.driver(cuDeviceGetUuid(uuid, ordinal), "cuDeviceGetUuid");
      byte[] bytes = new byte[16];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = uuid.bytes(i);
      }
      return DeviceAddresses.uuid(bytes);
    }
  }
}
