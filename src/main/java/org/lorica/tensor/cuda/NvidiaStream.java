package org.lorica.tensor.cuda;

import static org.bytedeco.cuda.global.cublas.CUBLAS_DEFAULT_MATH;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_N;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.cublasCreate_v2;
import static org.bytedeco.cuda.global.cublas.cublasDestroy_v2;
import static org.bytedeco.cuda.global.cublas.cublasSetMathMode;
import static org.bytedeco.cuda.global.cublas.cublasSetStream_v2;
import static org.bytedeco.cuda.global.cublas.cublasSgemmBatched;
import static org.bytedeco.cuda.global.cublas.cublasSgemm_v2;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;
import static org.bytedeco.cuda.global.cudart.cudaSetDevice;
import static org.bytedeco.cuda.global.cudart.cudaStreamCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cudaStreamNonBlocking;
import static org.bytedeco.cuda.global.cudart.cudaStreamSynchronize;

import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A stream of a card, and cuBLAS on it. Products are in float32 throughout: cuBLAS's default mode
 * rounds nothing to TF32. With one handle a stream its results are the same at every run.
 */
final class NvidiaStream implements CudaStream {
  private static final PointerPointer<?> NO_EXTRAS = null;

  private final int ordinal;
  private final CompiledKernels kernels;
  private final CUstream_st stream = new CUstream_st();
  private final cublasContext blas = new cublasContext();
  private final FloatPointer alpha = new FloatPointer(1);
  private final FloatPointer beta = new FloatPointer(1);
  private final PinnedRing ring;
  private final Address first = new Address(0);
  private final Address second = new Address(0);
  private final Address third = new Address(0);

  /** Of the device that is current in this thread. */
  NvidiaStream(int ordinal, CompiledKernels kernels) {
    this.ordinal = ordinal;
    this.kernels = kernels;
    Status.runtime(
        cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    PinnedRing uploads = null;
    try {
      uploads = new PinnedRing(this);
      startBlas();
    } catch (RuntimeException e) { // often for want of memory, which the next attempt needs
      if (uploads != null) {
        uploads.free();
      }
      cudaStreamDestroy(stream);
      throw e;
    }
    this.ring = uploads;
  }

  private void startBlas() {
    Status.blas(cublasCreate_v2(blas), "cublasCreate");
    Status.blas(cublasSetStream_v2(blas, stream), "cublasSetStream");
    Status.blas(cublasSetMathMode(blas, CUBLAS_DEFAULT_MATH), "cublasSetMathMode");
  }

  @Override
  public void upload(Pointer from, long to, long bytes) {
    if (PinnedRing.takes(bytes)) {
      makeCurrent();
      copy(first.at(to), ring.copy(from, bytes), bytes, cudaMemcpyHostToDevice);
    } else {
      copy(first.at(to), from, bytes, cudaMemcpyHostToDevice);
      finish();
    }
  }

  @Override
  public void download(long from, Pointer to, long bytes) {
    copy(to, first.at(from), bytes, cudaMemcpyDeviceToHost);
    finish();
  }

  private void copy(Pointer to, Pointer from, long bytes, int kind) {
    makeCurrent();
    Status.runtime(cudaMemcpyAsync(to, from, bytes, kind, stream), "cudaMemcpyAsync");
  }

  /** One thread may work on streams of several devices. */
  private void makeCurrent() {
    Status.runtime(cudaSetDevice(ordinal), "cudaSetDevice");
  }

  @Override
  public void launch(String kernel, Grid grid, Arguments arguments) {
    makeCurrent();
    Status.driver(
        cuLaunchKernel(
            kernels.function(kernel),
            grid.x(),
            grid.y(),
            1,
            grid.threads(),
            1,
            1,
            0,
            stream,
            arguments.pointers(),
            NO_EXTRAS),
        kernel);
  }

  @Override
  public void gemm(Gemm gemm, long a, long b, long c) {
    makeCurrent();
    // cuBLAS stores by columns: to it, all three are transposed, and cᵀ = bᵀ·aᵀ
    Status.blas(
        cublasSgemm_v2(
            blas,
            operation(gemm.b()),
            operation(gemm.a()),
            gemm.size().n(),
            gemm.size().m(),
            gemm.size().k(),
            alpha.put(gemm.factors().alpha()),
            first.at(b),
            gemm.b().leading(),
            second.at(a),
            gemm.a().leading(),
            beta.put(gemm.factors().beta()),
            third.at(c),
            gemm.leadingC()),
        "cublasSgemm");
  }

  @Override
  public void gemmEach(Gemm gemm, int count, long addresses) {
    makeCurrent();
    long each = (long) count * Long.BYTES;
    try (PointerPointer<?> a = new PointerPointer<>(new Address(addresses));
        PointerPointer<?> b = new PointerPointer<>(new Address(addresses + each));
        PointerPointer<?> c = new PointerPointer<>(new Address(addresses + 2 * each))) {
      Status.blas(
          cublasSgemmBatched(
              blas,
              operation(gemm.b()),
              operation(gemm.a()),
              gemm.size().n(),
              gemm.size().m(),
              gemm.size().k(),
              alpha.put(gemm.factors().alpha()),
              b,
              gemm.b().leading(),
              a,
              gemm.a().leading(),
              beta.put(gemm.factors().beta()),
              c,
              gemm.leadingC(),
              count),
          "cublasSgemmBatched");
    }
  }

  private static int operation(Gemm.Layout layout) {
    return layout.transposed() ? CUBLAS_OP_T : CUBLAS_OP_N;
  }

  @Override
  public void finish() {
    Status.runtime(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  }

  @Override
  public void close() {
    makeCurrent();
    cublasDestroy_v2(blas);
    cudaStreamDestroy(stream);
    ring.free();
    alpha.close();
    beta.close();
  }
}
