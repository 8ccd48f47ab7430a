package org.lorica.tensor.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.lorica.tensor.DeviceException;

class DeviceAddressesTest {
  private static final List<DeviceAddresses.Device> TWO =
      List.of(
          new DeviceAddresses.Device("0000:86:00.0", "GPU-b"),
          new DeviceAddresses.Device("0000:3B:00.0", "GPU-a"));

  private static int ordinal(String visible, String address) {
    return new DeviceAddresses(TWO, Optional.ofNullable(visible))
        .ordinal(Optional.ofNullable(address));
  }

  @Test
  void indicesCountAlongTheBusAsTheDriversToolDoes() {
    assertThat(ordinal(null, "0")).isEqualTo(1);
    assertThat(ordinal(null, "1")).isZero();
    assertThat(ordinal(null, null)).isZero();
  }

  @Test
  void uuidsNameTheirDevice() {
    assertThat(ordinal(null, "GPU-a")).isEqualTo(1);
    byte[] bytes = new byte[16];
    bytes[0] = (byte) 0xAB;
    bytes[15] = 1;
    assertThat(DeviceAddresses.uuid(bytes)).isEqualTo("GPU-ab000000-0000-0000-0000-000000000001");
  }

  @Test
  void whatIsMadeVisibleIsFoundByItsOwnWords() {
    assertThat(ordinal("MIG-x, 5", "5")).isEqualTo(1);
    assertThat(ordinal("MIG-x, 5", "MIG-x")).isZero();
  }

  @Test
  void anUnknownAddressIsOneClearLine() {
    assertThatThrownBy(() -> ordinal("0,1", "MIG-y"))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "the scheduler gave this task GPU MIG-y, which is none of CUDA's devices [GPU-b, GPU-a]"
                + " (CUDA_VISIBLE_DEVICES=0,1)");
    assertThatThrownBy(
            () -> new DeviceAddresses(List.of(), Optional.empty()).ordinal(Optional.empty()))
        .hasMessage("no CUDA device: the driver lists none");
  }
}
