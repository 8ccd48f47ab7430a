package org.lorica.spark;

import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.lorica.tensor.BoundDevice;

/** Hands the GPU that Spark gave a task on to whatever computes in it. */
public final class TaskDevice {
  private static final String GPU = "gpu";

  private TaskDevice() {}

  /** The work's result; while it runs, {@link BoundDevice} knows this task's first GPU. */
  public static <T> T bound(Supplier<T> work) {
    TaskContext task = TaskContext.get();
    return bound(task == null ? Map.of() : task.resourcesJMap(), work);
  }

  /** The same with the first GPU among given resources, such as an executor's. */
  static <T> T bound(Map<String, ResourceInformation> resources, Supplier<T> work) {
    ResourceInformation gpu = resources.get(GPU);
    if (gpu == null || gpu.addresses().length == 0) {
      return work.get();
    }
    BoundDevice.bind(gpu.addresses()[0]);
    try {
      return work.get();
    } finally {
      BoundDevice.unbind();
    }
  }
}
