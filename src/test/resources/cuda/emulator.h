// Runs kernels.cu on a CPU, so that its arithmetic and the Java code that launches it can be tested
// where there is no card. The threads of a block are fibers of one system thread: each runs until
// the next barrier of its block, or shuffle of its warp; a warp runs on until it meets a barrier. Warps
// and threads take turns in one order and the other, so that a missing barrier shows as a wrong result.
// Blocks run one after another.

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

enum class State { RUNS, AT_SHUFFLE, AT_BARRIER, DONE };

struct Fiber {
  Context context;
  char *stack = nullptr;
  int thread = 0; // whose code it runs
  State state = State::RUNS;
};

struct Block {
  Fiber fibers[MOST_THREADS];
  Context scheduler;
  int current = -1;
  int started = 0;  // threads
  int limit = 0;    // of threads that may be started now
  int finished = 0; // threads
  unsigned launches = 0;
  void (*run)(void **) = nullptr;
  void **arguments = nullptr;
  double slots[MOST_THREADS];
};

thread_local Block *block = nullptr;

void fiberMain() {
  Fiber &self = block->fibers[block->current];
  while (block->started < block->limit) { // threads that meet no barrier share one fiber
    self.thread = block->started++;
    threadIdx = {(unsigned)self.thread, 0, 0};
    block->run(block->arguments);
    block->finished++;
  }
  self.state = State::DONE;
  switchFiber(&self.context, &block->scheduler);
}

void waitAt(State state) {
  Fiber &self = block->fibers[block->current];
  self.state = state;
  switchFiber(&self.context, &block->scheduler);
}

void resume(int fiber) {
  block->current = fiber;
  Fiber &next = block->fibers[fiber];
  threadIdx = {(unsigned)next.thread, 0, 0};
  next.state = State::RUNS;
  switchFiber(&block->scheduler, &next.context);
}

void requireAll(int from, int to, State state) {
  for (int i = from; i < to; i++) {
    if (block->fibers[i].state != state) {
      fprintf(stderr, "threads met different barriers\n");
      abort();
    }
  }
}

// Fibers [from, to), or the other way round.
void resumeAll(int from, int to, bool backwards) {
  for (int i = 0; i < to - from; i++) {
    resume(backwards ? to - 1 - i : from + i);
  }
}

// From shuffle to shuffle, until the warp waits for other warps or is done.
void runWarp(int from, int to, bool backwards) {
  while (from < to && block->fibers[from].state == State::AT_SHUFFLE) {
    requireAll(from, to, State::AT_SHUFFLE);
    resumeAll(from, to, backwards);
    backwards = !backwards;
  }
}

constexpr int WARP = 32;

void runBlock() {
  int threads = blockDim.x;
  int warps = (threads + WARP - 1) / WARP;
  int ends[MOST_THREADS / WARP];
  int fibers = 0;
  bool backwards = block->launches % 2 == 0; // both orders are met in the course of a test
  block->started = block->finished = 0;
  for (int w = 0; w < warps; w++) {
    int from = fibers;
    block->limit = threads < (w + 1) * WARP ? threads : (w + 1) * WARP;
    while (block->started < block->limit) {
      Fiber &next = block->fibers[fibers];
      if (next.stack == nullptr) {
        next.stack = (char *)malloc(STACK);
      }
      prepare(&next.context, next.stack, STACK, fiberMain);
      resume(fibers++);
    }
    ends[w] = fibers;
    runWarp(from, fibers, backwards);
  }
  while (block->finished < threads) {
    requireAll(0, fibers, State::AT_BARRIER);
    backwards = !backwards;
    for (int i = 0; i < warps; i++) {
      int w = backwards ? warps - 1 - i : i;
      int from = w == 0 ? 0 : ends[w - 1];
      resumeAll(from, ends[w], backwards);
      runWarp(from, ends[w], backwards);
    }
  }
}

template <typename T> T shuffleXor(T value, int distance) {
  static_assert(sizeof(T) <= sizeof(double), "one slot a thread");
  memcpy(&block->slots[threadIdx.x], &value, sizeof(T));
  waitAt(State::AT_SHUFFLE);
  T other;
  memcpy(&other, &block->slots[threadIdx.x ^ distance], sizeof(T));
  waitAt(State::AT_SHUFFLE);
  return other;
}

#define __global__
#define __device__
#define __shared__ static thread_local
#define __syncthreads() waitAt(State::AT_BARRIER)
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
    KERNEL(fill), KERNEL(scale), KERNEL(copy), KERNEL(transpose), KERNEL(axpy), KERNEL(addBias), KERNEL(copyEach), KERNEL(addEach), KERNEL(addBiasTo),
    KERNEL(setRows), KERNEL(swigluAndSlopes),
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
  block->launches++;
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
