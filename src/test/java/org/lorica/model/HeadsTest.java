package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.Example;
import org.lorica.data.Target;
import org.lorica.data.Tokens;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.random.RandomKey;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;
import org.lorica.testing.TinyModels;

/** What each head computes, by its textbook formula, and which head a model gets. */
class HeadsTest {
  private static final long SEED = 7;
  private static final int[] TOKENS = {3, 1, 4, 1, 5, 9, 2};

  private final Kernels kernels = new Nd4jKernels(Precision.FLOAT64);

  @TempDir private Path dir;

  @Test
  void aSingleOutputIsRegressionWithTheSquaredError() {
    Model model = Models.load(TinyModels.bertRegression(dir, SEED), kernels);
    assertThat(model.task()).isEqualTo(Model.Task.REGRESSION);
    assertThat(model.outputs()).isEqualTo(1);
    Predictions found = predict(model, example(new Target.Value(1.5)));
    assertThat(found.logits(0)).hasSize(1);
    double difference = found.logits(0)[0] - 1.5;
    assertThat(found.loss(0)).isCloseTo(difference * difference, within(1e-6));
    assertThat(predict(model, example(Target.NONE)).loss(0)).isNaN();
  }

  @Test
  void anAnswersLossIsTheMeanOfTwoCrossEntropiesOverItsOwnTokens() {
    Model model = Models.load(TinyModels.bertSpan(dir, SEED), kernels);
    assertThat(model.task()).isEqualTo(Model.Task.QUESTION_ANSWERING);
    assertThat(model.headModules().get(0).name()).isEqualTo("qa_outputs.weight");
    Predictions found = predict(model, example(new Target.AnswerSpan(2, 4, null)));
    float[] scores = found.logits(0);
    assertThat(scores).hasSize(2 * TOKENS.length);
    double first = crossEntropy(Arrays.copyOf(scores, TOKENS.length), 2);
    double last = crossEntropy(Arrays.copyOfRange(scores, TOKENS.length, scores.length), 4);
    assertThat(found.loss(0)).isCloseTo((first + last) / 2, within(1e-6));
  }

  @Test
  void ofAResponseOnlyItsTokensCount() {
    Model model = Models.load(TinyModels.llama(dir, SEED), kernels);
    double sum = 0;
    for (int i = 5; i < TOKENS.length; i++) {
      Example prefix = new Example(Arrays.copyOf(TOKENS, i), Example.NO_LABEL);
      sum += crossEntropy(predict(model, prefix).logits(0), TOKENS[i]);
    }
    double loss = predict(model, example(new Target.Response(5))).loss(0);
    assertThat(loss).isCloseTo(sum / 2, within(1e-5));
    double whole = predict(model, example(Target.NONE)).loss(0);
    assertThat(predict(model, example(new Target.Response(1))).loss(0)).isEqualTo(whole);
    assertThat(loss).isNotCloseTo(whole, within(1e-3));
    Example empty = example(new Target.Response(TOKENS.length));
    assertThat(predict(model, empty).loss(0)).isNaN();
  }

  @Test
  void segmentsChangeWhatIsRead() {
    Model model = Models.load(TinyModels.bert(dir, SEED), kernels);
    Tokens pair = new Tokens(TOKENS.clone(), new int[] {0, 0, 0, 0, 1, 1, 1});
    float[] one = predict(model, new Example(TOKENS.clone(), 0)).logits(0);
    assertThat(predict(model, new Example(pair, 0)).logits(0)).isNotEqualTo(one);
    Tokens zeros = new Tokens(TOKENS.clone(), new int[TOKENS.length]);
    assertThat(predict(model, new Example(zeros, 0)).logits(0)).isEqualTo(one);
    Tokens third = new Tokens(new int[] {1}, new int[] {2});
    assertThatThrownBy(() -> predict(model, new Example(third, 0)))
        .hasMessageContaining("segment")
        .hasMessageContaining("0 to 1");
  }

  @Test
  void aFreshHeadOfAnyKindAndSizeCanBePutOnAnyEncoder() {
    Path classifier = TinyModels.bert(dir.resolve("c"), SEED);
    LoadOptions ten = fresh(Model.Task.SEQUENCE_CLASSIFICATION, FreshHead.Start.RANDOM, 10);
    Model model = Models.load(classifier, kernels, ten);
    assertThat(model.outputs()).isEqualTo(10);
    assertThat(model.headValues()).hasSize(90);
    double[] weights = new double[80];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = model.headValues()[i];
    }
    double deviation = Math.sqrt(Arrays.stream(weights).map(w -> w * w).average().orElseThrow());
    // 80 draws of N(0, 0.02²): outside [0.5, 1.6]·0.02 with probability < 1e-5
    assertThat(deviation).isBetween(0.01, 0.032);
    assertThat(Models.load(classifier, kernels, ten).headValues()).isEqualTo(model.headValues());
    LoadOptions span = fresh(Model.Task.QUESTION_ANSWERING, FreshHead.Start.RANDOM, 1);
    assertThat(Models.load(classifier, kernels, span).outputs()).isEqualTo(2);
    LoadOptions zero = fresh(Model.Task.REGRESSION, FreshHead.Start.ZERO, 5);
    Model regression = Models.load(classifier, kernels, zero);
    assertThat(regression.task()).isEqualTo(Model.Task.REGRESSION);
    assertThat(regression.headValues()).hasSize(9).containsOnly(0);
    LoadOptions missing = LoadOptions.AS_STORED.with(Model.Task.QUESTION_ANSWERING);
    assertThatThrownBy(() -> Models.load(classifier, kernels, missing))
        .hasMessageContaining("qa_outputs.weight");
  }

  @Test
  void targetsOutsideTheExampleAreRefused() {
    Model span = Models.load(TinyModels.bertSpan(dir.resolve("s"), SEED), kernels);
    assertThatThrownBy(() -> predict(span, example(new Target.AnswerSpan(2, 7, null))))
        .hasMessageContaining("answer's last token")
        .hasMessageContaining("0 to 6");
    AdapterLayout layout = layout(span);
    ActiveTensors all = ActiveTensors.of(layout, slot -> true);
    assertThatThrownBy(
            () -> span.worker(layout).gradients(new float[layout.size()], all, one(Target.NONE)))
        .hasMessageContaining("an answer span");
    Model language = Models.load(TinyModels.llama(dir.resolve("l"), SEED), kernels);
    assertThatThrownBy(() -> predict(language, example(new Target.Response(8))))
        .hasMessageContaining("response");
  }

  @Test
  void aTaskNeedsItsHeadAndAModelThatCanHaveIt() {
    Path classifier = TinyModels.bert(dir.resolve("c"), SEED);
    LoadOptions value = LoadOptions.AS_STORED.with(Model.Task.REGRESSION);
    assertThatThrownBy(() -> Models.load(classifier, kernels, value))
        .hasMessageContaining("model.task = regression")
        .hasMessageContaining("model.head-init = random")
        .hasMessageContaining("found shape [3, 8]");
    LoadOptions classes = LoadOptions.AS_STORED.with(Model.Task.SEQUENCE_CLASSIFICATION);
    assertThat(Models.load(classifier, kernels, classes).outputs()).isEqualTo(3);
    Path single = TinyModels.bertRegression(dir.resolve("r"), SEED);
    assertThatThrownBy(() -> Models.load(single, kernels, classes))
        .hasMessageContaining(">= 2 classes, got 1");
    LoadOptions words = LoadOptions.AS_STORED.with(Model.Task.CAUSAL_LANGUAGE_MODELLING);
    assertThatThrownBy(() -> Models.load(classifier, kernels, words))
        .hasMessageContaining("for an encoder, got causal-lm");
  }

  @Test
  void aDecodersClassesAreScoredOnTheLastToken() {
    // with one class a word, and the weights of the output matrix, the score is the next word's
    Path words = TinyModels.llama(dir.resolve("words"), SEED);
    Path classes = TinyModels.llamaScore(dir.resolve("classes"), SEED, TinyModels.VOCABULARY);
    Model classifier = Models.load(classes, kernels);
    assertThat(classifier.task()).isEqualTo(Model.Task.SEQUENCE_CLASSIFICATION);
    assertThat(classifier.headModules()).hasSize(1);
    assertThat(classifier.headModules().get(0).name()).isEqualTo("score.weight");
    float[] next = predict(Models.load(words, kernels), example(Target.NONE)).logits(0);
    Predictions found = predict(classifier, example(new Target.Label(2)));
    assertThat(found.logits(0)).containsExactly(next);
    assertThat(found.loss(0)).isCloseTo(crossEntropy(next, 2), within(1e-6));
    Model value = Models.load(TinyModels.llamaScore(dir.resolve("value"), SEED, 1), kernels);
    assertThat(value.task()).isEqualTo(Model.Task.REGRESSION);
    Predictions guess = predict(value, example(new Target.Value(0.5)));
    assertThat(guess.loss(0)).isCloseTo(Math.pow(guess.logits(0)[0] - 0.5, 2), within(1e-6));
  }

  /** As LlamaForSequenceClassification: the rightmost token that is not pad_token_id. */
  @Test
  void closingTokensThatAlsoPadAreNotTheLastToken() {
    int padding = TOKENS[TOKENS.length - 1];
    Path plain = TinyModels.llamaScore(dir.resolve("plain"), SEED, 3);
    Path padded = TinyModels.paddedLlamaScore(dir.resolve("padded"), SEED, 3, padding);
    Model model = Models.load(padded, kernels);
    int[] without = Arrays.copyOf(TOKENS, TOKENS.length - 1);
    float[] expected =
        predict(Models.load(plain, kernels), new Example(without, Example.NO_LABEL)).logits(0);
    float[] found = predict(model, example(Target.NONE)).logits(0);
    assertThat(found).containsExactly(expected, within(1e-6f));
    int[] nothingElse = {padding, padding}; // then the first one is read
    float[] first =
        predict(Models.load(plain, kernels), new Example(new int[] {padding}, Example.NO_LABEL))
            .logits(0);
    assertThat(predict(model, new Example(nothingElse, Example.NO_LABEL)).logits(0))
        .containsExactly(first, within(1e-6f));
  }

  @Test
  void aDecoderBecomesAClassifierWithAFreshHeadOnly() {
    Path llama = TinyModels.llama(dir, SEED);
    LoadOptions words = LoadOptions.AS_STORED.with(Model.Task.CAUSAL_LANGUAGE_MODELLING);
    assertThat(Models.load(llama, kernels, words).task())
        .isEqualTo(Model.Task.CAUSAL_LANGUAGE_MODELLING);
    assertThat(Models.load(llama, kernels).headModules()).isEmpty();
    LoadOptions five = fresh(Model.Task.SEQUENCE_CLASSIFICATION, FreshHead.Start.RANDOM, 5);
    assertThat(Models.load(llama, kernels, five).headValues()).hasSize(40).doesNotContain(0f);
    FreshHead zero = new FreshHead(FreshHead.Start.ZERO, Optional.of(2), RandomKey.root(3));
    Model classifier = Models.load(llama, kernels, LoadOptions.AS_STORED.with(zero));
    assertThat(classifier.task()).isEqualTo(Model.Task.SEQUENCE_CLASSIFICATION);
    assertThat(predict(classifier, example(new Target.Label(1))).loss(0))
        .isCloseTo(Math.log(2), within(1e-6));
    assertThatThrownBy(() -> Models.load(llama, kernels, words.with(zero)))
        .hasMessageContaining("model.head-init must be checkpoint when model.task = causal-lm")
        .hasMessageContaining("got zero");
    LoadOptions classes = LoadOptions.AS_STORED.with(Model.Task.SEQUENCE_CLASSIFICATION);
    assertThatThrownBy(() -> Models.load(llama, kernels, classes))
        .hasMessageContaining("expected score.weight, found none");
    LoadOptions span = LoadOptions.AS_STORED.with(Model.Task.QUESTION_ANSWERING);
    assertThatThrownBy(() -> Models.load(llama, kernels, span))
        .hasMessageContaining("sequence-classification or regression for model_type llama")
        .hasMessageContaining("got question-answering");
  }

  private static LoadOptions fresh(Model.Task task, FreshHead.Start start, int outputs) {
    return LoadOptions.AS_STORED
        .with(task)
        .with(new FreshHead(start, Optional.of(outputs), RandomKey.root(3)));
  }

  private static Example example(Target target) {
    return new Example(new Tokens(TOKENS.clone()), target);
  }

  private static List<Example> one(Target target) {
    return List.of(example(target));
  }

  private static AdapterLayout layout(Model model) {
    return new AdapterLayout(model.linearModules().subList(0, 1), List.of(), 1, 1);
  }

  private static Predictions predict(Model model, Example example) {
    AdapterLayout layout = layout(model);
    return model.worker(layout).predict(new float[layout.size()], List.of(example));
  }

  private static double crossEntropy(float[] logits, int target) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - logits[target]);
    }
    return Math.log(sum);
  }
}
