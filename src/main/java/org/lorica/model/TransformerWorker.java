package org.lorica.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.BaseUpdate;
import org.lorica.lora.GradientSpace;
import org.lorica.tensor.Arena;
import org.lorica.tensor.DeviceMemoryException;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/**
 * Runs a stack of layers between two ends. All memory comes from one arena that is reset at every
 * call, so nothing is reserved once the largest batch has been seen.
 */
final class TransformerWorker implements Worker {
  private static final int TOKENS_AT_ONCE = 1024; // keeps predictions of many examples small

  /** The layers of one worker, bottom first, and what stands around them. */
  record Stack(Ends ends, List<Block> blocks) {}

  private final Model model;
  private final WorkerInputs inputs;
  private final Kernels kernels;
  private final Stack stack;
  private final Workspace work;
  private final Arena arena;
  private final BaseWeights base;
  private int mostExamples = Integer.MAX_VALUE;
  private int tokensAtOnce = TOKENS_AT_ONCE;

  TransformerWorker(Model model, Kernels kernels, AdapterLayout layout, Stack stack) {
    this.inputs = new WorkerInputs(model, layout);
    this.model = model;
    this.kernels = kernels;
    this.stack = stack;
    this.base = new BaseWeights(kernels, layout);
    this.work = new Workspace(kernels, base);
    this.arena = work.arena();
  }

  @Override
  public void useBase(BaseUpdate update) {
    base.use(update);
  }

  @Override
  public Predictions predict(float[] adapter, List<Example> batch) {
    inputs.requireFitting(adapter, batch);
    float[][] logits = new float[batch.size()][];
    double[] losses = new double[batch.size()];
    int from = 0;
    while (from < batch.size()) {
      int to = from;
      int tokens = 0;
      while (to < batch.size() && (to == from || tokens + rows(batch.get(to)) <= tokensAtOnce)) {
        tokens += rows(batch.get(to++));
      }
      try {
        predict(adapter, batch.subList(from, to), new Predicted(logits, losses, from));
      } catch (DeviceMemoryException full) {
        arena.free();
        if (to - from == 1) {
          throw full;
        }
        tokensAtOnce /= 2;
        continue;
      }
      from = to;
    }
    return new Predictions(logits, losses);
  }

  /** Where the predictions of a part of a batch belong. */
  private static final class Predicted {
    private final float[][] logits;
    private final double[] losses;
    private final int from;

    Predicted(float[][] logits, double[] losses, int from) {
      this.logits = logits;
      this.losses = losses;
      this.from = from;
    }
  }

  private void predict(float[] adapter, List<Example> part, Predicted to) {
    Pass pass = start(adapter, part);
    double[] losses = new double[part.size()];
    List<Tensor> outputs = stack.ends().predict(pass, forward(pass), losses);
    for (int e = 0; e < losses.length; e++) {
      to.losses[to.from + e] = losses[e];
      to.logits[to.from + e] = outputs.get(e).toFloats();
    }
  }

  @Override
  public int mostExamples() {
    return mostExamples;
  }

  /** The pass; where a device's memory is full, the next ones shall have half as many examples. */
  private <T> T limited(int examples, Supplier<T> pass) {
    try {
      return pass.get();
    } catch (DeviceMemoryException full) {
      arena.free();
      mostExamples = Math.max(1, examples / 2);
      throw full;
    }
  }

  @Override
  public PerExampleGradients gradients(float[] adapter, ActiveTensors active, List<Example> batch) {
    return gradients(adapter, active, GradientSpace.FACTORS, batch);
  }

  @Override
  public PerExampleGradients gradients(
      float[] adapter, ActiveTensors active, GradientSpace space, List<Example> batch) {
    inputs.requireTrainable(adapter, batch);
    if (batch.isEmpty()) {
      return new PackedGradients(kernels, null, new double[0]);
    }
    return limited(batch.size(), () -> differentiated(adapter, active, space, batch));
  }

  private PerExampleGradients differentiated(
      float[] adapter, ActiveTensors active, GradientSpace space, List<Example> batch) {
    double[] losses = new double[batch.size()];
    Pass pass = start(adapter, batch);
    pass.reserveGradients(active);
    if (space == GradientSpace.PRODUCT) {
      pass.measureProducts(active);
    }
    differentiate(pass, losses);
    return pass.products()
        .<PerExampleGradients>map(
            products -> new ProductGradients(kernels, pass.gradients(), losses, products))
        .orElseGet(() -> new PackedGradients(kernels, pass.gradients(), losses));
  }

  @Override
  public List<PerExampleGradients> gradients(List<Lane> lanes, ActiveTensors active) {
    List<Example> all = new ArrayList<>();
    int[] starts = new int[lanes.size() + 1];
    for (int lane = 0; lane < lanes.size(); lane++) {
      inputs.requireTrainable(lanes.get(lane).adapter(), lanes.get(lane).batch());
      all.addAll(lanes.get(lane).batch());
      starts[lane + 1] = all.size();
    }
    if (all.isEmpty()) {
      PerExampleGradients none = new PackedGradients(kernels, null, new double[0]);
      return lanes.stream().map(lane -> none).toList();
    }
    return limited(all.size(), () -> differentiated(lanes, active, all, starts));
  }

  private List<PerExampleGradients> differentiated(
      List<Lane> lanes, ActiveTensors active, List<Example> all, int[] starts) {
    double[] losses = new double[all.size()];
    arena.reset();
    Tensor values = arena.allocate(lanes.size(), inputs.adapterSize());
    for (int lane = 0; lane < lanes.size(); lane++) {
      values.rows(lane, 1).write(lanes.get(lane).adapter(), 0);
    }
    RaggedBatch batch = work.batch(all, model.maxPositions());
    Pass pass = new Pass(work, values, new Pass.Lanes(batch, starts));
    pass.reserveGradients(active);
    differentiate(pass, losses);
    List<PerExampleGradients> gradients = new ArrayList<>();
    for (int lane = 0; lane < lanes.size(); lane++) {
      int count = starts[lane + 1] - starts[lane];
      gradients.add(
          new PackedGradients(
              kernels,
              pass.gradients().rows(starts[lane], count),
              Arrays.copyOfRange(losses, starts[lane], starts[lane + 1])));
    }
    return gradients;
  }

  private void differentiate(Pass pass, double[] losses) {
    Tensor x = forward(pass);
    int lowest = lowestTrained(pass);
    Tensor dx = lowest < stack.blocks().size() ? pass.allocate(x.rows(), x.cols()) : null;
    stack.ends().differentiate(pass, x, losses, dx);
    for (int i = stack.blocks().size() - 1; i >= lowest; i--) {
      Block block = stack.blocks().get(i);
      Block.Reach reach = i == lowest ? Block.Reach.OWN_FACTORS : Block.Reach.INPUT;
      Tensor next = reach == Block.Reach.INPUT ? block.inputGradient(pass, dx) : dx;
      Arena.Mark mark = arena.mark();
      block.backward(pass, dx, reach);
      arena.release(mark);
      dx = next;
    }
  }

  /** Bytes held off the heap by this worker. */
  long reservedBytes() {
    return arena.reservedBytes() + base.reservedBytes();
  }

  private Pass start(float[] adapter, List<Example> batch) {
    arena.reset();
    Tensor values = arena.allocate(1, adapter.length);
    values.write(adapter, 0);
    return new Pass(work, values, work.batch(batch, model.maxPositions()));
  }

  private int rows(Example example) {
    return RaggedBatch.rows(example, model.maxPositions());
  }

  private Tensor forward(Pass pass) {
    Tensor x = stack.ends().embed(pass);
    int top = stack.blocks().size() - 1;
    for (int i = 0; i <= top; i++) {
      Pass layer = i == top ? pass.readingFirst(stack.ends().leadingRows()) : pass;
      x = stack.blocks().get(i).forward(layer, x);
    }
    return x;
  }

  /** Index of the lowest layer with an active tensor; the number of layers if there is none. */
  private int lowestTrained(Pass pass) {
    int lowest = 0;
    while (lowest < stack.blocks().size() && !stack.blocks().get(lowest).trains(pass)) {
      lowest++;
    }
    return lowest;
  }
}
