package org.lorica.tensor.cuda;

import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_ALLOC_FAILED;
import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_SUCCESS;
import static org.bytedeco.cuda.global.cublas.cublasGetStatusString;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_OUT_OF_MEMORY;
import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.cuGetErrorString;
import static org.bytedeco.cuda.global.cudart.cudaErrorMemoryAllocation;
import static org.bytedeco.cuda.global.cudart.cudaGetErrorString;
import static org.bytedeco.cuda.global.cudart.cudaSuccess;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetErrorString;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.lorica.tensor.DeviceException;
import org.lorica.tensor.DeviceMemoryException;

/** Turns what CUDA's four libraries answer into exceptions that name the call. */
final class Status {
  private Status() {}

  /** An answer of the runtime. */
  static void runtime(int status, String call) {
    if (status != cudaSuccess) {
      String line = line(call, cudaGetErrorString(status), status);
      throw status == cudaErrorMemoryAllocation
          ? new DeviceMemoryException(line)
          : new DeviceException(line);
    }
  }

  /** An answer of the driver. */
  static void driver(int status, String call) {
    if (status != CUDA_SUCCESS) {
      try (PointerPointer<Pointer> text = new PointerPointer<>(1)) {
        text.put(0, (Pointer) null);
        cuGetErrorString(status, text);
        Pointer found = text.get(0);
        BytePointer said = found == null ? null : new BytePointer(found);
        String line = line(call, said, status);
        throw status == CUDA_ERROR_OUT_OF_MEMORY // a kernel's code may come to the card only now
            ? new DeviceMemoryException(line)
            : new DeviceException(line);
      }
    }
  }

  /** An answer of cuBLAS. */
  static void blas(int status, String call) {
    if (status != CUBLAS_STATUS_SUCCESS) {
      String line = line(call, cublasGetStatusString(status), status);
      throw status == CUBLAS_STATUS_ALLOC_FAILED
          ? new DeviceMemoryException(line)
          : new DeviceException(line);
    }
  }

  /** An answer of NVRTC. */
  static void compiler(int status, String call) {
    if (status != 0) {
      throw new DeviceException(line(call, nvrtcGetErrorString(status), status));
    }
  }

  private static String line(String call, BytePointer said, int status) {
    String words = said == null || said.isNull() ? "unknown error" : said.getString();
    return "the CUDA device fails: " + call + ": " + words + " (" + status + ")";
  }
}
