package org.lorica.federation.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.lorica.data.Question;
import org.lorica.data.Target;
import org.lorica.model.Model;

/** The metrics of each task, by the names that GLUE and SQuAD use; the first is the task's own. */
public final class TaskMetrics {
  private TaskMetrics() {}

  /**
   * Metrics in order of importance. Classification: accuracy, f1 (of class 1, where there are two
   * classes), macro_f1. Regression: pearson, spearman, mse. Questions: f1, exact_match. Language
   * modelling: perplexity. All but mse and perplexity are shares or correlations.
   *
   * @param noAnswerThreshold how much better "no answer" must score than the best answer
   */
  public static Map<String, Double> of(
      Model.Task task, List<Outcome> outcomes, double noAnswerThreshold) {
    return switch (task) {
      case SEQUENCE_CLASSIFICATION -> classes(outcomes);
      case REGRESSION -> values(outcomes);
      case QUESTION_ANSWERING -> answers(outcomes, noAnswerThreshold);
      case CAUSAL_LANGUAGE_MODELLING -> Map.of("perplexity", Math.exp(meanLoss(outcomes)));
    };
  }

  /** Mean loss, weighted by terms, summed in the order of the examples. */
  public static double meanLoss(List<Outcome> outcomes) {
    double sum = 0;
    long terms = 0;
    for (Outcome outcome : outcomes) {
      sum += outcome.terms() * outcome.loss();
      terms += outcome.terms();
    }
    return sum / terms;
  }

  private static Map<String, Double> classes(List<Outcome> outcomes) {
    Map<Integer, ClassCounts> byClass = new TreeMap<>();
    int correct = 0;
    for (Outcome outcome : outcomes) {
      int gold = outcome.example().label();
      int found = (int) outcome.predicted();
      correct += gold == found ? 1 : 0;
      byClass.computeIfAbsent(gold, c -> new ClassCounts()).add(true, gold == found);
      if (gold != found) {
        byClass.computeIfAbsent(found, c -> new ClassCounts()).add(false, true);
      }
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("accuracy", (double) correct / outcomes.size());
    if (byClass.keySet().stream().allMatch(c -> c <= 1)) {
      metrics.put("f1", byClass.getOrDefault(1, new ClassCounts()).f1());
    }
    metrics.put(
        "macro_f1", byClass.values().stream().mapToDouble(ClassCounts::f1).average().orElse(0));
    return metrics;
  }

  /** Of one class: how often it is, is said, and both. */
  private static final class ClassCounts {
    private int golds = 0;
    private int said = 0;
    private int both = 0;

    void add(boolean gold, boolean predicted) {
      golds += gold ? 1 : 0;
      said += predicted ? 1 : 0;
      both += gold && predicted ? 1 : 0;
    }

    double f1() {
      return golds + said == 0 ? 0 : 2.0 * both / (golds + said);
    }
  }

  private static Map<String, Double> values(List<Outcome> outcomes) {
    double[] gold = new double[outcomes.size()];
    double[] found = new double[outcomes.size()];
    for (int i = 0; i < gold.length; i++) {
      gold[i] = outcomes.get(i).example().target() instanceof Target.Value v ? v.value() : 0;
      found[i] = outcomes.get(i).predicted();
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("pearson", Correlation.pearson(gold, found));
    metrics.put("spearman", Correlation.spearman(gold, found));
    metrics.put("mse", meanLoss(outcomes));
    return metrics;
  }

  /** "No answer" is a choice only where some question has none. */
  private static Map<String, Double> answers(List<Outcome> outcomes, double threshold) {
    Map<Question, List<AnswerGuess>> byQuestion =
        outcomes.stream()
            .flatMap(o -> o.answer().stream())
            .collect(
                Collectors.groupingBy(
                    AnswerGuess::question, LinkedHashMap::new, Collectors.toList()));
    boolean someHaveNone = byQuestion.keySet().stream().anyMatch(q -> q.answers().isEmpty());
    double exact = 0;
    double f1 = 0;
    for (Map.Entry<Question, List<AnswerGuess>> entry : byQuestion.entrySet()) {
      String given = given(entry.getValue(), someHaveNone, threshold);
      exact += AnswerText.best(entry.getKey(), given, AnswerText::exactMatch);
      f1 += AnswerText.best(entry.getKey(), given, AnswerText::f1);
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("f1", f1 / Math.max(1, byQuestion.size()));
    metrics.put("exact_match", exact / Math.max(1, byQuestion.size()));
    return metrics;
  }

  /** Over all windows the best answer, and the least score of "no answer". */
  private static String given(List<AnswerGuess> windows, boolean someHaveNone, double threshold) {
    AnswerGuess best = windows.get(0);
    double none = Double.POSITIVE_INFINITY;
    for (AnswerGuess window : windows) {
      best = window.score() > best.score() ? window : best;
      none = Math.min(none, window.noAnswerScore());
    }
    return someHaveNone && none - best.score() > threshold ? "" : best.text();
  }
}
