package org.lorica.federation.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.data.Example;
import org.lorica.data.PassageWindow;
import org.lorica.data.Question;
import org.lorica.data.Target;
import org.lorica.data.Tokens;
import org.lorica.model.Model;

/** Metrics against plain definitions, other people's code, and hand-computed cases. */
class TaskMetricsTest {

  private static Outcome outcome(Target target, double loss, int terms, double predicted) {
    Example example = new Example(new Tokens(new int[] {1}), target);
    return new Outcome(example, loss, terms, predicted, Optional.empty());
  }

  @Test
  void accuracyAndF1AreThoseOfTheConfusionMatrix() {
    SplittableRandom random = new SplittableRandom(5);
    for (int classes = 2; classes <= 4; classes++) {
      List<Outcome> outcomes = new ArrayList<>();
      int[][] confusion = new int[classes][classes];
      for (int i = 0; i < 200; i++) {
        int gold = random.nextInt(classes);
        int found = random.nextInt(3) > 0 ? gold : random.nextInt(classes);
        confusion[gold][found]++;
        outcomes.add(outcome(new Target.Label(gold), 1, 1, found));
      }
      double correct = 0;
      double macro = 0;
      double second = 0;
      for (int c = 0; c < classes; c++) {
        double row = 0;
        double column = 0;
        for (int d = 0; d < classes; d++) {
          row += confusion[c][d];
          column += confusion[d][c];
        }
        double precision = confusion[c][c] / column;
        double recall = confusion[c][c] / row;
        double f1 = 2 * precision * recall / (precision + recall);
        correct += confusion[c][c];
        macro += f1 / classes;
        second = c == 1 ? f1 : second;
      }
      Map<String, Double> metrics = TaskMetrics.of(Model.Task.SEQUENCE_CLASSIFICATION, outcomes, 0);
      assertThat(metrics.keySet().iterator().next()).isEqualTo("accuracy");
      assertThat(metrics.get("accuracy")).isCloseTo(correct / 200, within(1e-12));
      assertThat(metrics.get("macro_f1")).isCloseTo(macro, within(1e-12));
      if (classes == 2) {
        assertThat(metrics.get("f1")).isCloseTo(second, within(1e-12));
      } else {
        assertThat(metrics).doesNotContainKey("f1");
      }
    }
  }

  @Test
  void correlationsAreThoseOfCommonsMath() {
    SplittableRandom random = new SplittableRandom(6);
    double[] x = new double[100];
    double[] y = new double[100];
    List<Outcome> outcomes = new ArrayList<>();
    double squares = 0;
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(12); // with ties
      y[i] = x[i] + 4 * random.nextGaussian();
      squares += (x[i] - y[i]) * (x[i] - y[i]);
      outcomes.add(outcome(new Target.Value(x[i]), (x[i] - y[i]) * (x[i] - y[i]), 1, y[i]));
    }
    Map<String, Double> metrics = TaskMetrics.of(Model.Task.REGRESSION, outcomes, 0);
    assertThat(metrics.get("pearson"))
        .isCloseTo(new PearsonsCorrelation().correlation(x, y), within(1e-12));
    assertThat(metrics.get("spearman"))
        .isCloseTo(new SpearmansCorrelation().correlation(x, y), within(1e-12));
    assertThat(metrics.get("mse")).isCloseTo(squares / 100, within(1e-12));
    assertThat(Correlation.pearson(new double[3], new double[] {1, 2, 3})).isZero();
    assertThat(Correlation.spearman(new double[] {Double.NaN, 1, 2}, new double[] {1, 2, 3}))
        .isBetween(-1.0, 1.0);
  }

  @Test
  void perplexityWeighsEveryPredictedTokenAlike() {
    List<Outcome> outcomes =
        List.of(outcome(Target.NONE, 1, 3, 0), outcome(new Target.Response(2), 5, 1, 0));
    assertThat(TaskMetrics.meanLoss(outcomes)).isEqualTo(2);
    assertThat(TaskMetrics.of(Model.Task.CAUSAL_LANGUAGE_MODELLING, outcomes, 0))
        .containsEntry("perplexity", Math.exp(2));
  }

  /** By hand, from the rules of SQuAD's official evaluation. */
  @ParameterizedTest(name = "{0} ~ {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "The Eiffel Tower | eiffel tower! | 1 | 1",
        "the cat sat | A cat | 0 | 0.6666666666666666",
        "New-York City | newyork city | 1 | 1",
        "in  the   end | in end | 1 | 1",
        "red | blue | 0 | 0",
        "red red blue | red | 0 | 0.5",
        "'' | '' | 1 | 1",
        "'' | something | 0 | 0",
        "the | an | 1 | 1",
        "theory | the ory | 0 | 0",
        "Déjà vu’s | déjà vu’s | 1 | 1",
      })
  void answersAreComparedByTheOfficialRules(String gold, String given, double exact, double f1) {
    assertThat(AnswerText.exactMatch(gold, given)).isEqualTo(exact);
    assertThat(AnswerText.f1(gold, given)).isCloseTo(f1, within(1e-15));
    assertThat(AnswerText.f1(given, gold)).isCloseTo(f1, within(1e-15));
  }

  private static final String PASSAGE = "ab cd ef gh";

  /** Tokens: [CLS], then the four words. */
  private static PassageWindow window(Question question) {
    return new PassageWindow(question, new int[] {-1, 0, 3, 6, 9}, new int[] {-1, 2, 5, 8, 11});
  }

  private static Outcome answer(Question question, float[] scores, int maxAnswer) {
    Target target = new Target.AnswerSpan(0, 0, window(question));
    Example example = new Example(new Tokens(new int[5]), target);
    AnswerGuess guess = AnswerGuess.of(window(question), scores, maxAnswer);
    return new Outcome(example, 1, 1, Double.NaN, Optional.of(guess));
  }

  @Test
  void theBestSpanIsThatOfAllPairsTried() {
    SplittableRandom random = new SplittableRandom(9);
    Question question = new Question("q", "?", PASSAGE, List.of());
    for (int trial = 0; trial < 200; trial++) {
      float[] scores = new float[10];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = (float) random.nextGaussian();
      }
      int maxAnswer = 1 + random.nextInt(5);
      AnswerGuess guess = AnswerGuess.of(window(question), scores, maxAnswer);
      double best = Double.NEGATIVE_INFINITY;
      String text = "";
      String[] words = PASSAGE.split(" ", -1);
      for (int i = 0; i < 4; i++) {
        for (int n = 1; n <= maxAnswer && i + n <= 4; n++) {
          double score = (double) scores[1 + i] + scores[5 + i + n];
          if (score > best) {
            best = score;
            text = String.join(" ", List.of(words).subList(i, i + n));
          }
        }
      }
      assertThat(guess.text()).isEqualTo(text);
      assertThat(guess.score()).isEqualTo(best);
      assertThat(guess.noAnswerScore()).isEqualTo((double) scores[0] + scores[5]);
    }
  }

  @Test
  void windowsOfAQuestionAreOneAnswerAndThresholdsDecideForNone() {
    Question has = new Question("h", "?", PASSAGE, List.of(new Question.Answer("cd ef", 3)));
    Question none = new Question("n", "?", PASSAGE, List.of());
    float[] weak = {0, 1, 0, 0, 0, 0, 1, 0, 0, 0}; // "ab", 2 against 0
    float[] strong = {0, 0, 3, 0, 0, 0, 0, 0, 3, 0}; // "cd ef", 6 against 0
    float[] empty = {4, 0, 0, 0, 0, 4, 0, 0, 0, 0}; // none, 8 against 0
    List<Outcome> outcomes = new ArrayList<>();
    outcomes.add(answer(has, weak, 5));
    outcomes.add(answer(has, strong, 5));
    Map<String, Double> one = TaskMetrics.of(Model.Task.QUESTION_ANSWERING, outcomes, 0);
    assertThat(one).containsEntry("exact_match", 1.0).containsEntry("f1", 1.0);
    outcomes.add(answer(none, empty, 5));
    assertThat(TaskMetrics.of(Model.Task.QUESTION_ANSWERING, outcomes, 0))
        .containsEntry("exact_match", 1.0);
    assertThat(TaskMetrics.of(Model.Task.QUESTION_ANSWERING, outcomes, 9))
        .as("8 is not more than 9 better")
        .containsEntry("exact_match", 0.5);
    List<Outcome> onlyEmpty = List.of(answer(has, empty, 5));
    assertThat(TaskMetrics.of(Model.Task.QUESTION_ANSWERING, onlyEmpty, 0))
        .as("no question lacks an answer, so one is given: \"ab\"")
        .containsEntry("exact_match", 0.0);
  }
}
