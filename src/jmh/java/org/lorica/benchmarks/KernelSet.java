package org.lorica.benchmarks;

import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;

/** The kernels that are compared. */
public enum KernelSet {
  CPU,
  ND4J;

  Kernels open() {
    return this == CPU ? new CpuKernels() : new Nd4jKernels(Precision.FLOAT32);
  }
}
