package org.lorica.federation;

import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.lorica.data.Example;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;
import org.lorica.model.Model;
import org.lorica.model.Predictions;
import org.lorica.model.Worker;
import org.lorica.privacy.ClientTerms;
import org.lorica.random.RandomKey;

/**
 * Training in one place and without privacy, by the clients' own trainer: LoRA at full rank on
 * every linear layer and the head, AdamW, learning rate falling linearly over ten legs. For public
 * data only.
 */
public final class CentralTrainer {
  private static final int LEGS = 10;

  private final Model model;
  private final RandomKey key;
  private final Settings settings;

  public CentralTrainer(Model model, RandomKey key, Settings settings) {
    this.model = model;
    this.key = key;
    this.settings = settings;
  }

  /** Expected batch size and peak learning rate. */
  public record Settings(int batch, double learningRate) {
    public Settings {
      if (batch <= 0 || !(learningRate > 0)) {
        throw new IllegalArgumentException(
            "batch and learning rate must be > 0, got " + batch + " and " + learningRate);
      }
    }
  }

  /** Trains for about {@code steps} steps; tells {@code progress} a line a leg. */
  public AdapterSet train(
      List<Example> train, List<Example> test, int steps, Consumer<String> progress) {
    List<LoraModule> modules = model.linearModules();
    int full = modules.stream().mapToInt(m -> Math.min(m.out(), m.in())).min().orElseThrow();
    AdapterLayout layout = new AdapterLayout(modules, model.headModules(), full, 1.0);
    AdapterSet adapter = AdapterInit.fresh(layout, model.headValues(), key);
    Worker worker = model.worker(layout);
    ClientTerms terms =
        ClientTerms.withoutPrivacy(Math.min(1.0, (double) settings.batch() / train.size()));
    LocalPlan plan = LocalPlan.always(java.util.Set.of(Role.B, Role.A));
    for (int leg = 0; leg < LEGS; leg++) {
      double rate = settings.learningRate() * (LEGS - leg) / LEGS;
      ClientOptimizer.Settings optimizer =
          new ClientOptimizer.Settings(ClientOptimizer.Kind.ADAMW, rate, rate, rate);
      LocalTask.Training training =
          new LocalTask.Training(Math.max(1, steps / LEGS), settings.batch(), 32, optimizer);
      LocalTask task = new LocalTask(leg, adapter, plan, training);
      ClientUpdate update =
          new LocalTrainer(worker, task).train(new Participant(0, 1, terms, key.with(leg)), train);
      adapter = update.adapter();
      progress.accept(
          String.format(
              Locale.ROOT,
              "leg %2d/%d · training loss %.3f nats · held-out accuracy %.1f %%",
              leg + 1,
              LEGS,
              update.stats().meanLoss(),
              100 * accuracy(worker, adapter, test)));
    }
    return adapter;
  }

  private static double accuracy(Worker worker, AdapterSet adapter, List<Example> test) {
    float[] values = adapter.toArray();
    int correct = 0;
    for (int from = 0; from < test.size(); from += 64) {
      List<Example> part = test.subList(from, Math.min(test.size(), from + 64));
      Predictions predictions = worker.predict(values, part);
      for (int i = 0; i < part.size(); i++) {
        correct += predictions.best(i) == part.get(i).label() ? 1 : 0;
      }
    }
    return (double) correct / test.size();
  }
}
