package org.lorica.tensor.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.model.PerExampleGradients;
import org.lorica.model.Worker;
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;
import org.lorica.testing.TinyVision;

/** A card waits for every launch: how many a pass takes must not depend on the batch. */
class LaunchCountTest {
  private static final long SEED = 5;

  @TempDir Path dir;

  private Map<String, Integer> launches(String backbone, int examples) {
    EmulatedDriver driver = EmulatedDriver.roomy();
    Path folder = dir.resolve(backbone + examples);
    Model model = Models.load(TinyBackbones.write(backbone, folder, SEED), new CudaKernels(driver));
    AdapterLayout layout = new AdapterLayout(model.linearModules(), model.headModules(), 2, 1.0);
    Worker worker = model.worker(layout);
    PerExampleGradients gradients =
        worker.gradients(
            new float[layout.size()],
            ActiveTensors.of(layout, slot -> true),
            batch(model, examples));
    gradients.norm(0);
    gradients.addScaledTo(new double[examples], new double[layout.size()]);
    return driver.launches();
  }

  private static List<Example> batch(Model model, int examples) {
    SplittableRandom random = new SplittableRandom(SEED);
    if (model.image().isPresent()) {
      return TinyVision.batch(model.image().get(), examples, random);
    }
    List<Example> batch = new ArrayList<>();
    for (int e = 0; e < examples; e++) {
      batch.add(new Example(random.ints(8, 0, TinyModels.VOCABULARY).toArray(), 0));
    }
    return batch;
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "llama", "llama classes"})
  void aPassTakesAsManyLaunchesWhateverTheBatch(String backbone) {
    assertThat(launches(backbone, 12)).isEqualTo(launches(backbone, 3));
  }

  @Test
  void imagesTakeOneProductMoreForTheirPatchesEach() {
    Map<String, Integer> few = launches("vit", 3);
    Map<String, Integer> many = launches("vit", 12);
    many.merge("gemm", -9, Integer::sum);
    many.merge("setRows", -9, Integer::sum);
    assertThat(many).isEqualTo(few);
  }
}
