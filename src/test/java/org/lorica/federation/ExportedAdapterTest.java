package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.ConfigLoader;
import org.lorica.config.RunConfig;
import org.lorica.data.SafeTensors;
import org.lorica.lora.AdapterSet;
import org.lorica.random.RandomKey;
import org.lorica.testing.TinyModels;
import org.lorica.testing.TinyVision;

/** What PEFT is told of exports of several architectures. */
class ExportedAdapterTest {
  private static final String FRESH = "model.head-init=random";

  @TempDir private Path dir;

  private static ExportedAdapter export(Path model, String head, String... more) {
    List<String> settings = new ArrayList<>(List.of("name=export", "clients.count=1"));
    settings.add("federation.clients-per-round=1");
    settings.add("lora.rank=1");
    settings.add("model.path=" + model);
    settings.add("model.head=" + head);
    settings.addAll(List.of(more));
    RunConfig config = ConfigLoader.of(settings).run();
    Workbench workbench = Workbench.over(config, new SizedPopulation(List.of(1)));
    AdapterSet adapter = workbench.initialAdapter(RandomKey.root(3));
    return ExportedAdapter.of(config, workbench, adapter);
  }

  private static List<String> saved(Path model, String head, String... more) {
    return export(model, head, more).peft().origin().modulesToSave();
  }

  @Test
  void savedModulesAreThoseOfTheHeadThatIsSaved() {
    Path bert = TinyModels.bert(dir.resolve("bert"), 1);
    assertThat(saved(bert, "frozen")).isEmpty();
    assertThat(saved(bert, "trained")).containsExactly("classifier");
    assertThat(saved(bert, "frozen", FRESH)).containsExactly("classifier");
    assertThat(saved(TinyVision.swin(dir.resolve("swin"), 1), "trained"))
        .containsExactly("classifier");
    assertThat(saved(TinyModels.llamaScore(dir.resolve("score"), 1, 3), "trained"))
        .containsExactly("score");
    Path decoder = TinyModels.llama(dir.resolve("llama"), 1);
    assertThat(saved(decoder, "frozen")).isEmpty();
    assertThat(saved(decoder, "frozen", FRESH, "model.classes=4")).containsExactly("score");
    assertThat(saved(bert, "trained", "model.task=question-answering", FRESH))
        .containsExactly("qa_outputs");
  }

  @Test
  void aDrawnPoolerIsSavedAndADenseLayerIsPartOfItsClassifier() {
    ExportedAdapter roberta = export(TinyModels.roberta(dir.resolve("roberta"), 1), "trained");
    assertThat(roberta.peft().origin().modulesToSave()).containsExactly("classifier");
    assertThat(roberta.adapter().layout().head().stream().map(m -> m.name()))
        .contains("classifier.dense.weight", "classifier.out_proj.weight");
    Path bert = withoutPooler(TinyModels.bert(dir.resolve("bert"), 1));
    assertThat(saved(bert, "frozen", FRESH, "model.classes=3"))
        .containsExactly("pooler", "classifier");
  }

  private static Path withoutPooler(Path model) {
    Path file = model.resolve("model.safetensors");
    SafeTensors stored = SafeTensors.open(file);
    Map<String, SafeTensors.Entry> kept = new LinkedHashMap<>();
    for (String name : stored.names()) {
      if (!name.contains("pooler")) {
        kept.put(name, new SafeTensors.Entry(stored.shape(name), stored.floats(name)));
      }
    }
    assertThat(kept).hasSizeLessThan(stored.names().size());
    SafeTensors.write(file, kept);
    return model;
  }

  private String taskType(Path model, String head, String... more) {
    return export(model, head, more).peft().origin().taskType();
  }

  @Test
  void tasksHavePeftsNames() {
    Path bert = TinyModels.bert(dir.resolve("bert"), 1);
    assertThat(taskType(bert, "trained")).isEqualTo("SEQ_CLS");
    assertThat(taskType(bert, "frozen", FRESH, "model.task=regression")).isEqualTo("SEQ_CLS");
    assertThat(taskType(bert, "frozen", FRESH, "model.task=question-answering"))
        .isEqualTo("QUESTION_ANS");
    assertThat(taskType(TinyModels.llama(dir.resolve("llama"), 1), "frozen"))
        .isEqualTo("CAUSAL_LM");
  }

  /** PEFT looks for the head of a named task in the file, and fails where there is none. */
  @Test
  void noTaskIsNamedWhereTheAdapterHasNoHeadOrReadsImages() {
    assertThat(taskType(TinyModels.bert(dir.resolve("bert"), 1), "frozen")).isEmpty();
    assertThat(taskType(TinyVision.vit(dir.resolve("vit"), 1), "trained")).isEmpty();
    assertThat(export(TinyVision.vit(dir.resolve("v"), 1), "trained").peft().targetModules())
        .containsExactly("query", "value", "q_proj", "v_proj");
  }
}
