package org.lorica.tensor.cuda;

import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCompileProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCreateProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcDestroyProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBIN;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBINSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLog;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLogSize;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.lorica.tensor.DeviceException;

/** {@code kernels.cu}, compiled by NVRTC for one device and loaded there. */
final class CompiledKernels {
  private static final String SOURCE = "kernels.cu";

  private final CUmod_st module = new CUmod_st();
  private final Map<String, CUfunc_st> functions = new ConcurrentHashMap<>();

  /**
   * Compiles for the device that is current in this thread.
   *
   * @param architecture such as {@code sm_90}
   */
  CompiledKernels(String architecture) {
    try (BytePointer binary = compile(architecture)) {
      Status.driver(cuModuleLoadData(module, binary), "cuModuleLoadData");
    }
  }

  CUfunc_st function(String name) {
    return functions.computeIfAbsent(name, this::load);
  }

  private CUfunc_st load(String name) {
    CUfunc_st function = new CUfunc_st();
    Status.driver(cuModuleGetFunction(function, module, name), "cuModuleGetFunction " + name);
    return function;
  }

  private static BytePointer compile(String architecture) {
    _nvrtcProgram program = new _nvrtcProgram();
    PointerPointer<?> none = null;
    try (BytePointer source = new BytePointer(source(), StandardCharsets.UTF_8);
        BytePointer name = new BytePointer(SOURCE);
        PointerPointer<BytePointer> options =
            new PointerPointer<>("--gpu-architecture=" + architecture, "--std=c++17");
        SizeTPointer size = new SizeTPointer(1)) {
      Status.compiler(
          nvrtcCreateProgram(program, source, name, 0, none, none), "nvrtcCreateProgram");
      if (nvrtcCompileProgram(program, 2, options) != 0) {
        throw new DeviceException(
            "NVRTC cannot compile the kernels for " + architecture + ": " + log(program));
      }
      Status.compiler(nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize");
      BytePointer binary = new BytePointer(size.get());
      Status.compiler(nvrtcGetCUBIN(program, binary), "nvrtcGetCUBIN");
      nvrtcDestroyProgram(program);
      return binary;
    }
  }

  /** The compiler's first complaint. */
  private static String log(_nvrtcProgram program) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      Status.compiler(nvrtcGetProgramLogSize(program, size), "nvrtcGetProgramLogSize");
      try (BytePointer text = new BytePointer(size.get())) {
        Status.compiler(nvrtcGetProgramLog(program, text), "nvrtcGetProgramLog");
        return text.getString().lines().findFirst().orElse("no message");
      }
    }
  }

  private static String source() {
    try (InputStream in = CompiledKernels.class.getResourceAsStream(SOURCE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
