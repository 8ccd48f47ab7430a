package org.lorica.model;

import java.util.List;
import org.lorica.data.Example;
import org.lorica.data.Target;
import org.lorica.tensor.Tensor;

/** Losses of outputs that belong to whole examples (examples × outputs). */
enum PooledLoss {
  /** −ln softmax(outputs)[label], nats. */
  CROSS_ENTROPY {
    @Override
    boolean applies(Target target) {
      return target instanceof Target.Label;
    }

    @Override
    void losses(Pass pass, Tensor outputs, double[] losses, Tensor dOutputs) {
      int[] labels = new int[losses.length];
      for (int e = 0; e < labels.length; e++) {
        labels[e] =
            pass.batch().target(e) instanceof Target.Label label ? label.index() : Example.NO_LABEL;
      }
      pass.kernels().crossEntropy(outputs, labels, losses, dOutputs);
    }
  },

  /** (output − value)², of a single output. */
  SQUARED_ERROR {
    @Override
    boolean applies(Target target) {
      return target instanceof Target.Value;
    }

    @Override
    void losses(Pass pass, Tensor outputs, double[] losses, Tensor dOutputs) {
      for (int e = 0; e < losses.length; e++) {
        double difference =
            pass.batch().target(e) instanceof Target.Value target
                ? outputs.at(e, 0) - target.value()
                : 0;
        losses[e] = difference * difference;
        if (dOutputs != null) {
          dOutputs.set(e, 0, 2 * difference);
        }
      }
    }
  };

  /** Outputs of every example, and its loss, NaN where the target is not of this loss's kind. */
  List<Tensor> predict(Pass pass, Tensor outputs, double[] losses) {
    losses(pass, outputs, losses, null);
    for (int e = 0; e < losses.length; e++) {
      losses[e] = applies(pass.batch().target(e)) ? losses[e] : Double.NaN;
    }
    return ClassLosses.rows(outputs);
  }

  /** Whether this loss is of that kind of target. */
  abstract boolean applies(Target target);

  /** Losses, 0 without a target; and their gradients where {@code dOutputs} is not null. */
  abstract void losses(Pass pass, Tensor outputs, double[] losses, Tensor dOutputs);
}
