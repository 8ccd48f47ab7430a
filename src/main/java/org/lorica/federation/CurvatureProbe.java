package org.lorica.federation;

import java.util.List;
import org.lorica.data.Example;
import org.lorica.lora.AdapterSet;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/** The greatest Hessian eigenvalue on held-out examples of a run, which count as public. */
public final class CurvatureProbe {
  /** In single precision a smaller step drowns in the gradients' rounding. */
  private static final double STEP = 1e-2;

  private final Workbench workbench;
  private final TopCurvature curvature;

  private CurvatureProbe(Workbench workbench, TopCurvature curvature) {
    this.workbench = workbench;
    this.curvature = curvature;
  }

  /** A probe on the first {@code examples} held-out examples, the same in every round. */
  public static CurvatureProbe of(Workbench workbench, int examples, int iterations) {
    List<Example> test = workbench.population().test();
    List<Example> batch = test.subList(0, Math.min(examples, test.size()));
    return new CurvatureProbe(workbench, new TopCurvature(batch, iterations, STEP));
  }

  /** The eigenvalue at an adapter, nats; the first direction depends on the run's key only. */
  public double at(AdapterSet adapter, RandomKey key) {
    return workbench.withWorker(
        worker -> curvature.at(worker, adapter, key.with(Purpose.CURVATURE)));
  }
}
