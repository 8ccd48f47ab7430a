// Runs kernels.cu on a CPU, so that its arithmetic and the Java code that launches it can be tested
// where there is no card. The threads of a block are fibers of one system thread: each runs until
// the block's next barrier. Every other stretch between barriers runs them in reverse order, so that
// a missing barrier shows as a wrong result. Blocks run one after another.

#pragma once

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

// swapcontext asks the system for the signal mask every time, which is most of the emulator's time.
#ifdef __x86_64__
using Context = void *; // the stack's top, under which the registers that calls preserve are kept

extern "C" void switchFiber(Context *from, Context *to);
asm(R"(
.text
.type switchFiber,@function
switchFiber:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq (%rsi), %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size switchFiber,.-switchFiber
)");

inline void prepare(Context *context, char *stack, size_t size, void (*start)()) {
  void **top = (void **)((size_t)(stack + size) & ~(size_t)15);
  *--top = nullptr; // no one to return to
  *--top = (void *)start;
  top -= 6;
  *context = top;
}
#else
using Context = ucontext_t;

inline void switchFiber(Context *from, Context *to) { swapcontext(from, to); }

inline void prepare(Context *context, char *stack, size_t size, void (*start)()) {
  getcontext(context);
  context->uc_stack.ss_sp = stack;
  context->uc_stack.ss_size = size;
  context->uc_link = nullptr;
  makecontext(context, start, 0);
}
#endif

struct Fiber {
  Context context;
  char *stack = nullptr;
  int thread = 0; // whose code it runs
  bool waiting = false;
};

struct Block {
  Fiber fibers[MOST_THREADS];
  Context scheduler;
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
  switchFiber(&self.context, &block->scheduler);
}

void barrier() {
  Fiber &self = block->fibers[block->current];
  self.waiting = true;
  switchFiber(&self.context, &block->scheduler);
}

void resume(int fiber) {
  block->current = fiber;
  Fiber &next = block->fibers[fiber];
  threadIdx = {(unsigned)next.thread, 0, 0};
  next.waiting = false;
  switchFiber(&block->scheduler, &next.context);
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
    prepare(&next.context, next.stack, STACK, fiberMain);
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

// One launch; arguments as cuLaunchKernel takes them.
inline void launch(void (*kernel)(void **), Index grid, unsigned threads, void **arguments) {
  if (block == nullptr) {
    block = new Block();
  }
  block->run = kernel;
  block->arguments = arguments;
  gridDim = grid;
  blockDim = {threads, 1, 1};
  for (unsigned j = 0; j < grid.y; j++) {
    for (unsigned i = 0; i < grid.x; i++) {
      blockIdx = {i, j, 0};
      runBlock();
    }
  }
}

} // namespace
