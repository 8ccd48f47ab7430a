package org.lorica.federation.metrics;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.Pattern;
import org.lorica.data.Question;

/**
 * SQuAD's scores of an answer (arXiv 1606.05250, 1806.03822), by the rules of its official
 * evaluation: lower case, without ASCII punctuation, articles and surplus white space.
 */
public final class AnswerText {
  private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}"); // ASCII only
  private static final Pattern ARTICLES =
      Pattern.compile("\\b(a|an|the)\\b", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

  private AnswerText() {}

  static String normalised(String answer) {
    String lower = answer.toLowerCase(Locale.ROOT);
    String bare = ARTICLES.matcher(PUNCTUATION.matcher(lower).replaceAll("")).replaceAll(" ");
    return SPACE.matcher(bare).replaceAll(" ").strip();
  }

  /** 1 if equal after normalisation, else 0. */
  static double exactMatch(String gold, String given) {
    return normalised(gold).equals(normalised(given)) ? 1 : 0;
  }

  /** Harmonic mean of precision and recall over words; of empty answers, whether both are. */
  static double f1(String gold, String given) {
    List<String> expected = words(gold);
    List<String> found = words(given);
    if (expected.isEmpty() || found.isEmpty()) {
      return expected.equals(found) ? 1 : 0;
    }
    Map<String, Integer> left = new HashMap<>();
    expected.forEach(word -> left.merge(word, 1, Integer::sum));
    int common = 0;
    for (String word : found) {
      if (left.merge(word, -1, Integer::sum) >= 0) {
        common++;
      }
    }
    return 2.0 * common / (expected.size() + found.size());
  }

  private static List<String> words(String answer) {
    String text = normalised(answer);
    return text.isEmpty() ? List.of() : Arrays.asList(text.split(" ", -1));
  }

  /** The best score over the answers that people gave; "" where the passage has none. */
  static double best(Question question, String given, ToDoubleBiFunction<String, String> score) {
    List<String> golds =
        question.answers().stream()
            .map(Question.Answer::text)
            .filter(text -> !normalised(text).isEmpty())
            .toList();
    return (golds.isEmpty() ? List.of("") : golds)
        .stream().mapToDouble(gold -> score.applyAsDouble(gold, given)).max().orElse(0);
  }
}
