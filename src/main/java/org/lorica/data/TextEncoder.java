package org.lorica.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lorica.config.RecordFormat;

/**
 * Turns records into examples of at most a given length. A record is one example in training,
 * whatever its length: what is clipped and noised is one record's gradient. In evaluation a
 * question is asked of every window of its passage.
 */
public final class TextEncoder {
  private final TextTokenizer tokenizer;
  private final int maxLength;
  private final RecordFormat format;
  private final RecordLog log;

  /**
   * Makes an encoder.
   *
   * @param maxLength tokens, > 0
   * @param log receives what was cut or left out
   */
  public TextEncoder(TextTokenizer tokenizer, int maxLength, RecordFormat format, RecordLog log) {
    if (maxLength <= 0) {
      throw new IllegalArgumentException("maxLength must be > 0 tokens, got " + maxLength);
    }
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
    this.format = format;
    this.log = log;
  }

  /** One example; empty where the record cannot be used and bad records are left out. */
  public Optional<Example> training(TextRecord record) {
    if (record.target() instanceof Target.Answers answers) {
      return windows(RecordLog.Use.TRAINING)
          .best(answers.question())
          .or(() -> bad("an answer that fits no window", record));
    }
    return single(record, RecordLog.Use.TRAINING);
  }

  /** All examples that together are the record: one, but for questions. */
  public List<Example> heldOut(TextRecord record) {
    if (record.target() instanceof Target.Answers answers) {
      return windows(RecordLog.Use.HELD_OUT).all(answers.question());
    }
    return single(record, RecordLog.Use.HELD_OUT).stream().toList();
  }

  private PassageWindows windows(RecordLog.Use use) {
    return new PassageWindows(tokenizer, maxLength, format.questions().stride(), log, use);
  }

  private Optional<Example> single(TextRecord record, RecordLog.Use use) {
    if (record.target() instanceof Target.Response) {
      return response(record, use);
    }
    TokenisedText text =
        record.text2().isEmpty()
            ? tokenizer.tokenise(record.text())
            : tokenizer.tokenise(record.text(), record.text2());
    if (text.length() == 0) {
      return bad("a text without tokens", record);
    }
    log.encode(use, text.length(), maxLength);
    List<Integer> kept = text.cutTo(maxLength);
    if (text.endsBlank(kept, record.text(), record.text2())) {
      log.endBlank(use);
    }
    return Optional.of(new Example(text.pick(kept), record.target()));
  }

  /** Prompt, then response, as if they were one text; both are tokenised on their own. */
  private Optional<Example> response(TextRecord record, RecordLog.Use use) {
    TokenisedText prompt = tokenizer.tokenise(record.text());
    TokenisedText answer = tokenizer.tokenise(record.text2());
    int before = prompt.length();
    while (before > 0 && prompt.part(before - 1) == TokenisedText.SPECIAL) {
      before--;
    }
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < before; i++) {
      ids.add(prompt.id(i));
    }
    for (int place : answer.of(0)) {
      ids.add(answer.id(place));
    }
    for (int i = before; i < prompt.length(); i++) {
      ids.add(prompt.id(i));
    }
    if (before == 0 || before >= maxLength || before == ids.size()) {
      return bad("a prompt that leaves no room for its response", record);
    }
    log.encode(use, ids.size(), maxLength);
    int[] cut = ids.stream().limit(maxLength).mapToInt(Integer::intValue).toArray();
    return Optional.of(new Example(new Tokens(cut), new Target.Response(before)));
  }

  private Optional<Example> bad(String reason, TextRecord record) {
    String text = record.text();
    String shown = "\"" + (text.length() > 60 ? text.substring(0, 60) + "…" : text) + "\"";
    if (format.badRecords() == RecordFormat.BadRecords.FAIL) {
      throw new IllegalArgumentException(
          reason
              + " of model.max-length = "
              + maxLength
              + " tokens: "
              + shown
              + "; raise it, or set data.bad-records = skip");
    }
    log.skip(reason, shown);
    return Optional.empty();
  }
}
