package org.lorica.testing;

import java.nio.file.Path;
import java.util.List;
import org.lorica.lora.LoraModule;
import org.lorica.lora.TargetModules;
import org.lorica.model.Model;

/** The models of {@link TinyModels} and {@link TinyVision} by name, for tests of several. */
public final class TinyBackbones {
  private TinyBackbones() {}

  /** Writes the model of this name into {@code dir}. */
  public static Path write(String name, Path dir, long seed) {
    return switch (name) {
      case "bert" -> TinyModels.bert(dir, seed);
      case "regression" -> TinyModels.bertRegression(dir, seed);
      case "span" -> TinyModels.bertSpan(dir, seed);
      case "roberta" -> TinyModels.roberta(dir, seed);
      case "llama", "response" -> TinyModels.llama(dir, seed);
      case "llama classes" -> TinyModels.llamaScore(dir, seed, TinyModels.CLASSES);
      case "llama value" -> TinyModels.llamaScore(dir, seed, 1);
      case "vit" -> TinyVision.vit(dir, seed);
      case "deit" -> TinyVision.deit(dir, seed);
      case "swin" -> TinyVision.swin(dir, seed);
      default -> throw new IllegalArgumentException("no tiny model is called " + name);
    };
  }

  /** Query and value projections of an encoder: what the papers adapt. */
  public static List<LoraModule> queryAndValue(Model encoder) {
    return TargetModules.select(encoder.linearModules(), List.of("query", "value"));
  }
}
