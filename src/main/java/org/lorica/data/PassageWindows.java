package org.lorica.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A question with its passage, cut into windows that overlap: question, then some of the passage's
 * tokens. A question longer than half a window is cut.
 */
final class PassageWindows {
  private final TextTokenizer tokenizer;
  private final int maxLength;
  private final int stride;
  private final RecordLog log;
  private final RecordLog.Use use;

  /**
   * @param stride passage tokens that neighbouring windows share
   * @param use what the log counts the questions as
   */
  PassageWindows(
      TextTokenizer tokenizer, int maxLength, int stride, RecordLog log, RecordLog.Use use) {
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
    this.stride = stride;
    this.log = log;
    this.use = use;
  }

  /** All windows; those without the answer point to the first token. */
  List<Example> all(Question question) {
    TokenisedText text = tokenizer.tokenise(question.text(), question.passage());
    List<Integer> asked = text.of(0);
    log.encode(use, asked.size(), maxLength / 2);
    asked = asked.subList(0, Math.min(asked.size(), maxLength / 2));
    List<Integer> passage = text.of(1);
    int special = text.length() - text.of(0).size() - passage.size();
    int room = maxLength - special - asked.size();
    if (room <= stride && room < passage.size()) {
      throw new IllegalArgumentException(
          "data.questions.stride must be < "
              + room
              + ", the passage tokens that fit a window of model.max-length = "
              + maxLength
              + " beside the question "
              + question.id()
              + ", got "
              + stride);
    }
    List<Example> windows = new ArrayList<>();
    int from = 0;
    while (true) {
      int to = Math.min(passage.size(), from + room);
      windows.add(window(question, text, asked, passage.subList(from, to)));
      if (to == passage.size()) {
        return windows;
      }
      from += room - stride;
    }
  }

  /**
   * The window with the most of the passage on both sides of the first answer; the first one where
   * there is no answer; empty where no window holds all of the answer.
   */
  Optional<Example> best(Question question) {
    List<Example> all = all(question);
    if (question.answers().isEmpty()) {
      return Optional.of(all.get(0));
    }
    Example best = null;
    int margin = -1;
    for (Example window : all) {
      Target.AnswerSpan span = (Target.AnswerSpan) window.target();
      if (span.first() == 0) {
        continue;
      }
      int before = 0;
      while (span.window().inPassage(span.first() - before - 1)) {
        before++;
      }
      int after = 0;
      while (span.last() + after + 1 < window.length()
          && span.window().inPassage(span.last() + after + 1)) {
        after++;
      }
      if (Math.min(before, after) > margin) {
        margin = Math.min(before, after);
        best = window;
      }
    }
    return Optional.ofNullable(best);
  }

  private static Example window(
      Question question, TokenisedText text, List<Integer> asked, List<Integer> passage) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < text.length(); i++) {
      boolean special = text.part(i) == TokenisedText.SPECIAL;
      boolean mine = text.part(i) == 0 && !asked.isEmpty() && i <= asked.get(asked.size() - 1);
      boolean here =
          text.part(i) == 1
              && !passage.isEmpty()
              && i >= passage.get(0)
              && i <= passage.get(passage.size() - 1);
      if (special || mine || here) {
        places.add(i);
      }
    }
    int[] begins = new int[places.size()];
    int[] ends = new int[places.size()];
    for (int i = 0; i < begins.length; i++) {
      boolean inPassage = text.part(places.get(i)) == 1;
      begins[i] = inPassage ? text.begin(places.get(i)) : -1;
      ends[i] = inPassage ? text.end(places.get(i)) : -1;
    }
    PassageWindow window = new PassageWindow(question, begins, ends);
    return new Example(text.pick(places), span(question, window));
  }

  /** The tokens of the first answer, if all of it is in the window. */
  private static Target.AnswerSpan span(Question question, PassageWindow window) {
    Target.AnswerSpan none = new Target.AnswerSpan(0, 0, window);
    if (question.answers().isEmpty()) {
      return none;
    }
    Question.Answer answer = question.answers().get(0);
    int end = answer.start() + answer.text().length();
    int first = -1;
    int last = -1;
    for (int i = 0; i < window.tokens(); i++) {
      boolean touches = window.begin(i) < end && window.end(i) > answer.start();
      if (window.inPassage(i) && touches) {
        first = first < 0 ? i : first;
        last = i;
      }
    }
    boolean begins = first > 0 && window.begin(first) <= answer.start();
    boolean whole = begins && window.end(last) >= end;
    return whole ? new Target.AnswerSpan(first, last, window) : none;
  }
}
