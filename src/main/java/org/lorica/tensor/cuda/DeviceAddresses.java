package org.lorica.tensor.cuda;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lorica.tensor.DeviceException;

/**
 * Which of CUDA's devices an address of the scheduler means. The scheduler counts as the driver's
 * own tool does, along the PCI bus; CUDA puts the fastest first, and leaves out what {@code
 * CUDA_VISIBLE_DEVICES} does not name.
 */
final class DeviceAddresses {
  private final List<Device> devices;
  private final Optional<String> visible;

  /**
   * A device.
   *
   * @param bus such as {@code 0000:3B:00.0}
   * @param uuid such as {@code GPU-…}
   */
  record Device(String bus, String uuid) {}

  /**
   * The devices of a machine.
   *
   * @param devices in CUDA's order
   * @param visible value of {@code CUDA_VISIBLE_DEVICES}
   */
  DeviceAddresses(List<Device> devices, Optional<String> visible) {
    this.devices = List.copyOf(devices);
    this.visible = visible;
  }

  /** A UUID as the driver's tool writes it. */
  static String uuid(byte[] bytes) {
    String hex = HexFormat.of().formatHex(bytes);
    return "GPU-"
        + String.join(
            "-",
            hex.substring(0, 8),
            hex.substring(8, 12),
            hex.substring(12, 16),
            hex.substring(16, 20),
            hex.substring(20));
  }

  /** CUDA's number of the device; the first one's without an address. */
  int ordinal(Optional<String> address) {
    if (devices.isEmpty()) {
      throw new DeviceException("no CUDA device: the driver lists none");
    }
    if (address.isEmpty()) {
      return 0;
    }
    String wanted = address.get().strip();
    return named(wanted)
        .or(() -> ofUuid(wanted))
        .or(() -> along(wanted))
        .orElseThrow(
            () ->
                new DeviceException(
                    "the scheduler gave this task GPU "
                        + wanted
                        + ", which is none of CUDA's devices "
                        + devices.stream().map(Device::uuid).toList()
                        + visible.map(v -> " (CUDA_VISIBLE_DEVICES=" + v + ")").orElse("")));
  }

  /** Its place in CUDA_VISIBLE_DEVICES, where it is named there in the same words. */
  private Optional<Integer> named(String wanted) {
    List<String> names =
        visible.map(v -> Arrays.stream(v.split(",")).map(String::strip).toList()).orElse(List.of());
    int place = names.indexOf(wanted);
    return place < 0 || place >= devices.size() ? Optional.empty() : Optional.of(place);
  }

  private Optional<Integer> ofUuid(String wanted) {
    return IntStream.range(0, devices.size())
        .filter(i -> devices.get(i).uuid().equals(wanted))
        .boxed()
        .findFirst();
  }

  private Optional<Integer> along(String wanted) {
    if (!wanted.matches("\\d{1,4}") || Integer.parseInt(wanted) >= devices.size()) {
      return Optional.empty();
    }
    return IntStream.range(0, devices.size())
        .boxed()
        .sorted(Comparator.comparing(i -> devices.get(i).bus()))
        .skip(Integer.parseInt(wanted))
        .findFirst();
  }
}
