// Runs kernels.cu on a CPU, so that its arithmetic and the Java code that launches it can be tested
// where there is no card. The threads of a block are fibers of one system thread: each runs until
// the block's next barrier. Every other stretch between barriers runs them in reverse order, so that
// a missing barrier shows as a wrong result. Blocks run one after another.

#include <jni.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <tuple>
#include <ucontext.h>
#include <utility>
#include <vector>

namespace {

struct Index {
  unsigned x, y, z;
};

thread_local Index blockIdx, threadIdx, blockDim, gridDim;

constexpr int MOST_THREADS = 1024;
constexpr size_t STACK = 64 << 10;

struct Fiber {
  ucontext_t context;
  char *stack = nullptr;
  int thread = 0; // whose code it runs
  bool waiting = false;
};

struct Block {
  Fiber fibers[MOST_THREADS];
  ucontext_t scheduler;
  int current = -1;
  int started = 0;
  int finished = 0;
  void (*run)(void **) = nullptr;
  void **arguments = nullptr;
  double slots[MOST_THREADS];
};

thread_local Block *block = nullptr;

void fiberMain() {
  Fiber &self = block->fibers[block->current];
  while (block->started < (int)blockDim.x) { // threads that meet no barrier share one fiber
    self.thread = block->started++;
    threadIdx = {(unsigned)self.thread, 0, 0};
    block->run(block->arguments);
    block->finished++;
  }
  self.waiting = false;
  swapcontext(&self.context, &block->scheduler);
}

void barrier() {
  Fiber &self = block->fibers[block->current];
  self.waiting = true;
  swapcontext(&self.context, &block->scheduler);
}

void resume(int fiber) {
  block->current = fiber;
  Fiber &next = block->fibers[fiber];
  threadIdx = {(unsigned)next.thread, 0, 0};
  next.waiting = false;
  swapcontext(&block->scheduler, &next.context);
}

void runBlock() {
  int threads = blockDim.x;
  int fibers = 0;
  block->started = block->finished = 0;
  while (block->started < threads) {
    Fiber &next = block->fibers[fibers];
    if (next.stack == nullptr) {
      next.stack = (char *)malloc(STACK);
    }
    getcontext(&next.context);
    next.context.uc_stack.ss_sp = next.stack;
    next.context.uc_stack.ss_size = STACK;
    next.context.uc_link = nullptr;
    makecontext(&next.context, fiberMain, 0);
    resume(fibers++);
  }
  for (int phase = 1; block->finished < threads; phase++) {
    if (block->finished != 0) {
      fprintf(stderr, "threads of a block met different barriers\n");
      abort();
    }
    for (int i = 0; i < fibers; i++) {
      resume(phase % 2 == 0 ? i : fibers - 1 - i);
    }
  }
}

template <typename T> T shuffleXor(T value, int distance) {
  static_assert(sizeof(T) <= sizeof(double), "one slot a thread");
  memcpy(&block->slots[threadIdx.x], &value, sizeof(T));
  barrier();
  T other;
  memcpy(&other, &block->slots[threadIdx.x ^ distance], sizeof(T));
  barrier();
  return other;
}

#define __global__
#define __device__
#define __shared__ static thread_local
#define __syncthreads() barrier()
#define __shfl_xor_sync(mask, value, distance) shuffleXor(value, distance)

#include "kernels.cu"

template <typename... A, size_t... I>
void call(void (*kernel)(A...), void **arguments, std::index_sequence<I...>) {
  kernel(*(std::decay_t<A> *)arguments[I]...);
}

template <typename... A> void call(void (*kernel)(A...), void **arguments) {
  call(kernel, arguments, std::index_sequence_for<A...>());
}

#define KERNEL(name) {#name, [](void **arguments) { call(name, arguments); }}

const std::map<std::string, void (*)(void **)> KERNELS = {
    KERNEL(fill), KERNEL(scale), KERNEL(copy), KERNEL(transpose), KERNEL(axpy), KERNEL(addBias),
    KERNEL(multiply), KERNEL(scaleRows), KERNEL(gelu), KERNEL(geluAndSlope), KERNEL(geluGradient),
    KERNEL(hyperbolicTangent), KERNEL(tanhGradient), KERNEL(swiglu), KERNEL(swigluGradient),
    KERNEL(softmax), KERNEL(softmaxGradient), KERNEL(softmaxEach), KERNEL(softmaxGradientEach),
    KERNEL(layerNorm), KERNEL(rmsNorm), KERNEL(normGradient), KERNEL(crossEntropy),
    KERNEL(addEmbedding), KERNEL(rotary), KERNEL(squaredNormParts), KERNEL(innerParts),
    KERNEL(weightedRows)};

// Row-major c = alpha a b + beta c, as a card would give it but for the order of sums.
void product(const jint *size, const jfloat *factors, const float *a, const float *b, float *c) {
  int m = size[0], n = size[1], k = size[2], ta = size[3], tb = size[5];
  long lda = size[4], ldb = size[6], ldc = size[7];
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int l = 0; l < k; l++) {
        sum += (double)(ta ? a[l * lda + i] : a[i * lda + l]) * (tb ? b[j * ldb + l] : b[l * ldb + j]);
      }
      c[i * ldc + j] = (float)(factors[0] * sum + (factors[1] == 0 ? 0 : factors[1] * c[i * ldc + j]));
    }
  }
}

} // namespace

extern "C" {

JNIEXPORT jboolean JNICALL Java_org_lorica_tensor_cuda_Emulator_launch(JNIEnv *env, jclass, jstring name,
                                                                       jint x, jint y, jint threads,
                                                                       jlong arguments) {
  const char *text = env->GetStringUTFChars(name, nullptr);
  auto found = KERNELS.find(text);
  env->ReleaseStringUTFChars(name, text);
  if (found == KERNELS.end()) {
    return false;
  }
  if (block == nullptr) {
    block = new Block();
  }
  block->run = found->second;
  block->arguments = (void **)arguments;
  gridDim = {(unsigned)x, (unsigned)y, 1};
  blockDim = {(unsigned)threads, 1, 1};
  for (int j = 0; j < y; j++) {
    for (int i = 0; i < x; i++) {
      blockIdx = {(unsigned)i, (unsigned)j, 0};
      runBlock();
    }
  }
  return true;
}

// size: m, n, k, a transposed, its leading dimension, b transposed, its leading dimension, c's.
// addresses: count of a, count of b, count of c.
JNIEXPORT void JNICALL Java_org_lorica_tensor_cuda_Emulator_gemm(JNIEnv *env, jclass, jintArray size,
                                                                 jfloatArray factors, jint count,
                                                                 jlong addresses) {
  jint sizes[8];
  jfloat scale[2];
  env->GetIntArrayRegion(size, 0, 8, sizes);
  env->GetFloatArrayRegion(factors, 0, 2, scale);
  float **matrices = (float **)addresses;
  for (int i = 0; i < count; i++) {
    product(sizes, scale, matrices[i], matrices[count + i], matrices[2 * count + i]);
  }
}

JNIEXPORT jlong JNICALL Java_org_lorica_tensor_cuda_Emulator_allocate(JNIEnv *, jclass, jlong bytes) {
  void *memory = malloc(bytes);
  memset(memory, 0xff, bytes); // not a number: nothing may be read before it is written
  return (jlong)memory;
}

JNIEXPORT void JNICALL Java_org_lorica_tensor_cuda_Emulator_free(JNIEnv *, jclass, jlong address) {
  free((void *)address);
}

JNIEXPORT void JNICALL Java_org_lorica_tensor_cuda_Emulator_copy(JNIEnv *, jclass, jlong from, jlong to,
                                                                 jlong bytes) {
  memcpy((void *)to, (void *)from, bytes);
}
}
