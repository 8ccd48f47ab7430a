// Stands in for the CUDA libraries, so that the code that talks to a card runs without one: compiled
// four times, once with each of RUNTIME, DRIVER, COMPILER and BLAS. Device memory is the host's,
// kernels run on the emulator, and everything is done when the call returns. The environment says
// how many devices there are (FAKE_CUDA_DEVICES) and how much memory each has (FAKE_CUDA_MEMORY,
// bytes), and how often the softmax's gradient finds no memory for its code
// (FAKE_CUDA_FULL_LAUNCHES); what each device did is appended to FAKE_CUDA_LOG at the end.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#define API extern "C" __attribute__((visibility("default")))

#ifdef RUNTIME
namespace {
std::mutex lock;
std::map<void *, std::pair<int, size_t>> live;
std::map<int, size_t> used, peak;
thread_local int device = 0;

long setting(const char *name, long otherwise) {
  const char *value = getenv(name);
  return value == nullptr ? otherwise : atol(value);
}

struct AtEnd {
  ~AtEnd() {
    const char *path = getenv("FAKE_CUDA_LOG");
    FILE *log = path == nullptr ? nullptr : fopen(path, "a");
    if (log != nullptr) {
      for (auto &entry : peak) {
        fprintf(log, "device %d peak %zu\n", entry.first, entry.second);
      }
      fclose(log);
    }
  }
} atEnd;
} // namespace

API int cudaGetDeviceCount(int *count) {
  *count = setting("FAKE_CUDA_DEVICES", 1);
  return *count == 0 ? 100 : 0;
}
API int cudaSetDevice(int ordinal) {
  device = ordinal;
  return 0;
}
API int cudaDeviceGetPCIBusId(char *text, int length, int ordinal) {
  snprintf(text, length, "0000:%02X:00.0", 0x80 - ordinal); // the last device comes first on the bus
  return 0;
}
API int cudaDeviceGetAttribute(int *value, int attribute, int) {
  *value = attribute == 75 ? 9 : 0; // compute capability 9.0
  return 0;
}
API int cudaMemGetInfo(size_t *available, size_t *total) {
  std::lock_guard<std::mutex> guard(lock);
  *total = setting("FAKE_CUDA_MEMORY", 1L << 33);
  *available = *total - used[device];
  return 0;
}
API int cudaMalloc(void **address, size_t bytes) {
  std::lock_guard<std::mutex> guard(lock);
  if (used[device] + bytes > (size_t)setting("FAKE_CUDA_MEMORY", 1L << 33)) {
    return 2;
  }
  *address = malloc(bytes);
  memset(*address, 0xff, bytes);
  live[*address] = {device, bytes};
  used[device] += bytes;
  if (used[device] > peak[device]) {
    peak[device] = used[device];
  }
  return 0;
}
API int cudaFree(void *address) {
  std::lock_guard<std::mutex> guard(lock);
  if (address == nullptr) {
    return 0;
  }
  auto found = live.find(address);
  if (found == live.end()) {
    return 1;
  }
  used[found->second.first] -= found->second.second;
  live.erase(found);
  free(address);
  return 0;
}
API int cudaMemcpyAsync(void *to, const void *from, size_t bytes, int, void *) {
  memcpy(to, from, bytes);
  return 0;
}
API int cudaStreamCreateWithFlags(void **stream, unsigned) {
  *stream = malloc(1);
  return 0;
}
API int cudaStreamDestroy(void *stream) {
  free(stream);
  return 0;
}
API int cudaStreamSynchronize(void *) { return 0; }
API int cudaDeviceSynchronize() { return 0; }
API int cudaMallocHost(void **address, size_t bytes) {
  *address = malloc(bytes);
  return 0;
}
API int cudaFreeHost(void *address) {
  free(address);
  return 0;
}
API int cudaGetLastError() { return 0; }
API const char *cudaGetErrorString(int status) {
  return status == 2 ? "out of memory" : status == 100 ? "no CUDA-capable device is detected" : "failed";
}
#endif

#ifdef DRIVER
#include "emulator.h"

API int cuDeviceGetName(char *name, int length, int) {
  snprintf(name, length, "Fake Device");
  return 0;
}
API int cuDeviceGetUuid(unsigned char *uuid, int ordinal) {
  memset(uuid, ordinal + 1, 16);
  return 0;
}
API int cuDeviceGetUuid_v2(unsigned char *uuid, int ordinal) { return cuDeviceGetUuid(uuid, ordinal); }
API int cuModuleLoadData(void **module, const void *image) {
  *module = (void *)image;
  return memcmp(image, "compiled", 8) == 0 ? 0 : 200;
}
API int cuModuleGetFunction(void **function, void *, const char *name) {
  auto found = KERNELS.find(name);
  if (found == KERNELS.end()) {
    return 500;
  }
  *function = (void *)found->second;
  return 0;
}
API int cuLaunchKernel(void *function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned,
                       unsigned, unsigned, void *stream, void **arguments, void **) {
  if (x == 0 || y == 0 || y > 65535 || z != 1 || threads == 0 || threads > 1024 || stream == nullptr) {
    return 1;
  }
  static std::atomic<long> refused{0};
  const char *full = getenv("FAKE_CUDA_FULL_LAUNCHES");
  if (full != nullptr && function == (void *)KERNELS.find("softmaxGradientEach")->second && refused++ < atol(full)) {
    return 2;
  }
  launch((void (*)(void **))function, {x, y, z}, threads, arguments);
  return 0;
}
API int cuGetErrorString(int, const char **text) {
  *text = "failed";
  return 0;
}
#endif

#ifdef COMPILER
API int nvrtcCreateProgram(void **program, const char *source, const char *, int, const char *const *,
                           const char *const *) {
  *program = strdup(source);
  return 0;
}
API int nvrtcDestroyProgram(void **program) {
  free(*program);
  return 0;
}
API int nvrtcCompileProgram(void *program, int count, const char *const *options) {
  bool architecture = false;
  for (int i = 0; i < count; i++) {
    architecture |= strcmp(options[i], "--gpu-architecture=sm_90") == 0;
  }
  return architecture && strstr((char *)program, "softmaxEach") != nullptr ? 0 : 6;
}
API int nvrtcGetCUBINSize(void *, size_t *size) {
  *size = 9;
  return 0;
}
API int nvrtcGetCUBIN(void *, char *binary) {
  memcpy(binary, "compiled", 9);
  return 0;
}
API int nvrtcGetProgramLogSize(void *, size_t *size) {
  *size = 9;
  return 0;
}
API int nvrtcGetProgramLog(void *, char *log) {
  memcpy(log, "nonsense", 9);
  return 0;
}
API const char *nvrtcGetErrorString(int) { return "failed"; }
#endif

#ifdef BLAS
namespace {
// By columns, as BLAS has it.
void product(int ta, int tb, int m, int n, int k, float alpha, const float *a, long lda, const float *b,
             long ldb, float beta, float *c, long ldc) {
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < m; i++) {
      double sum = 0;
      for (int l = 0; l < k; l++) {
        sum += (double)(ta ? a[l + i * lda] : a[i + l * lda]) * (tb ? b[j + l * ldb] : b[l + j * ldb]);
      }
      c[i + j * ldc] = (float)(alpha * sum + (beta == 0 ? 0 : beta * c[i + j * ldc]));
    }
  }
}

bool fits(int transposed, int rows, int cols, int leading) { return leading >= (transposed ? cols : rows); }
} // namespace

API int cublasCreate_v2(void **handle) {
  *handle = malloc(1);
  return 0;
}
API int cublasDestroy_v2(void *handle) {
  free(handle);
  return 0;
}
API int cublasSetStream_v2(void *, void *stream) { return stream == nullptr; }
API int cublasSetMathMode(void *, int mode) { return mode == 0 ? 0 : 7; }
API const char *cublasGetStatusString(int) { return "failed"; }
API int cublasSgemm_v2(void *, int ta, int tb, int m, int n, int k, const float *alpha, const float *a,
                       int lda, const float *b, int ldb, const float *beta, float *c, int ldc) {
  if (m <= 0 || n <= 0 || k <= 0 || !fits(ta, m, k, lda) || !fits(tb, k, n, ldb) || ldc < m) {
    return 7;
  }
  product(ta, tb, m, n, k, *alpha, a, lda, b, ldb, *beta, c, ldc);
  return 0;
}
API int cublasSgemmBatched(void *, int ta, int tb, int m, int n, int k, const float *alpha,
                           const float *const *a, int lda, const float *const *b, int ldb,
                           const float *beta, float *const *c, int ldc, int count) {
  if (m <= 0 || n <= 0 || k <= 0 || !fits(ta, m, k, lda) || !fits(tb, k, n, ldb) || ldc < m) {
    return 7;
  }
  for (int i = 0; i < count; i++) {
    product(ta, tb, m, n, k, *alpha, a[i], lda, b[i], ldb, *beta, c[i], ldc);
  }
  return 0;
}
#endif
