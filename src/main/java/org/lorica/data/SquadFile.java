package org.lorica.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.lorica.config.RecordFormat;

/**
 * SQuAD v1.1 (arXiv 1606.05250) and v2.0 (arXiv 1806.03822): data → paragraphs → questions. The
 * article's title is the natural client. A question is a record, also where others share its
 * passage.
 */
final class SquadFile {
  private SquadFile() {}

  static List<TextRecord> read(String file, RecordFormat.BadRecords bad, RecordLog log) {
    JsonNode root;
    try (InputStream in = DataFiles.open(file)) {
      root = new ObjectMapper().readTree(in);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + ": expected JSON, found " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
    if (!root.path("data").isArray()) {
      throw Row.bad(file, "a SQuAD file with \"data\", a list of articles", root.toString());
    }
    List<TextRecord> records = new ArrayList<>();
    for (JsonNode article : root.get("data")) {
      for (JsonNode paragraph : article.path("paragraphs")) {
        String passage = text(file, paragraph, "context");
        for (JsonNode asked : paragraph.path("qas")) {
          Question question;
          try {
            question = question(file, asked, passage);
          } catch (MisplacedAnswer e) {
            if (bad == RecordFormat.BadRecords.FAIL) {
              throw new IllegalArgumentException(e.getMessage(), e);
            }
            log.skip("an answer that is not in its passage", e.getMessage());
            continue;
          }
          log.use();
          records.add(
              new TextRecord(
                  question.text(),
                  "",
                  new Target.Answers(question),
                  article.path("title").asText("")));
        }
      }
    }
    return records;
  }

  private static Question question(String file, JsonNode asked, String passage) {
    String id = text(file, asked, "id");
    List<Question.Answer> answers = new ArrayList<>();
    if (!asked.path("is_impossible").asBoolean(false)) {
      for (JsonNode answer : asked.path("answers")) {
        int characters = answer.path("answer_start").asInt(-1);
        boolean within =
            characters >= 0 && characters <= passage.codePointCount(0, passage.length());
        // the file counts Unicode characters, Java UTF-16 units
        int start = within ? passage.offsetByCodePoints(0, characters) : -1;
        answers.add(new Question.Answer(text(file, answer, "text"), start));
      }
      if (answers.isEmpty() && asked.path("is_impossible").isMissingNode()) {
        throw Row.bad(
            file + ": question " + id, "at least one answer (v1.1), or is_impossible", "neither");
      }
    }
    try {
      return new Question(id, text(file, asked, "question").strip(), passage, answers);
    } catch (IllegalArgumentException e) {
      throw new MisplacedAnswer(file + ": " + e.getMessage());
    }
  }

  private static final class MisplacedAnswer extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    MisplacedAnswer(String message) {
      super(message);
    }
  }

  private static String text(String file, JsonNode node, String key) {
    if (!node.path(key).isTextual()) {
      throw Row.bad(file, "a text \"" + key + "\" in every entry", node.toString());
    }
    return node.get(key).asText();
  }
}
