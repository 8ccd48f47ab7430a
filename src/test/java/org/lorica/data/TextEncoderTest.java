package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.config.RecordFormat;

/** Records as tokens, on a tokenizer whose tokens are bytes: CLS is 2, SEP 3, byte b is 4 + b. */
class TextEncoderTest {
  private static final int CLS = 2;
  private static final int SEP = 3;

  private final RecordLog log = new RecordLog();

  @TempDir private Path dir;

  @BeforeEach
  void bytes() throws IOException {
    ByteTokenizerFile.write(dir.resolve("tokenizer.json"));
  }

  private TextEncoder encoder(TextTokenizer tokenizer, int maxLength, int stride) {
    return encoder(tokenizer, maxLength, stride, RecordFormat.BadRecords.SKIP);
  }

  private TextEncoder encoder(
      TextTokenizer tokenizer, int maxLength, int stride, RecordFormat.BadRecords bad) {
    RecordFormat format =
        new RecordFormat(
            RecordFormat.Columns.USUAL,
            List.of(),
            RecordFormat.TargetKind.CLASS,
            bad,
            new RecordFormat.Questions(stride, 30, 0));
    return new TextEncoder(tokenizer, maxLength, format, log);
  }

  private static int[] ids(Example example) {
    int[] ids = new int[example.length()];
    example.tokens().copyIds(ids, 0);
    return ids;
  }

  private static String letters(Example example) {
    StringBuilder text = new StringBuilder();
    for (int id : ids(example)) {
      text.append(id == CLS ? "<" : id == SEP ? "|" : Character.toString(id - 4));
    }
    return text.toString();
  }

  @Test
  void aPairIsTwoSegmentsAndTheLongerTextIsCutFirst() {
    TextRecord pair = new TextRecord("abcdef", "xyz", new Target.Label(1), "");
    try (TextTokenizer tokenizer = TextTokenizer.open(dir)) {
      Example whole = encoder(tokenizer, 20, 0).training(pair).orElseThrow();
      assertThat(letters(whole)).isEqualTo("<abcdef|xyz|");
      StringBuilder segments = new StringBuilder();
      for (int i = 0; i < whole.length(); i++) {
        segments.append(whole.tokens().segment(i));
      }
      assertThat(segments).hasToString("000000001111");
      assertThat(log.cutTexts()).isZero();
      assertThat(letters(encoder(tokenizer, 10, 0).training(pair).orElseThrow()))
          .isEqualTo("<abcd|xyz|");
      assertThat(letters(encoder(tokenizer, 8, 0).training(pair).orElseThrow()))
          .isEqualTo("<abc|xy|");
      assertThat(log.cutTexts()).isEqualTo(2);
      assertThat(log.lines())
          .containsExactly("2 of 3 training texts were longer than model.max-length and were cut");
    }
  }

  /** What the tokenizers library keeps of a pair by longest_first (docs/interop/check.py). */
  @ParameterizedTest
  @CsvSource({
    "abc, wxyz, 8, <ab|wxy", // 5 left: 2 of the shorter, 3 of the longer
    "abcd, xyz, 8, <abc|xy",
    "abc, xyz, 8, <ab|xyz", // equally long: the second keeps the odd one
    "a, uvwxyz, 8, <a|uvwx",
    "abcdef, z, 8, <abcd|z",
    "abcdefgh, stuvwxyz, 4, <|s",
    "abcdefgh, stu, 4, <a|",
    "abcdefgh, stuv, 4, <a|",
    "abcdefgh, stuvwxyz, 3, <|",
  })
  void anOddTokenStaysWithTheLongerText(String first, String second, int length, String kept) {
    TextRecord pair = new TextRecord(first, second, new Target.Label(1), "");
    try (TextTokenizer tokenizer = TextTokenizer.open(dir)) {
      String found = letters(encoder(tokenizer, length, 0).training(pair).orElseThrow());
      assertThat(found).isEqualTo(kept + "|");
    }
  }

  @Test
  void textsThatWereCutAreCountedApartForTrainingAndEvaluation() {
    TextRecord record = new TextRecord("abcdef", "", new Target.Label(1), "");
    TextRecord brief = new TextRecord("ab", "", new Target.Label(0), "");
    try (TextTokenizer tokenizer = TextTokenizer.open(dir)) {
      TextEncoder encoder = encoder(tokenizer, 6, 0);
      List.of(record, brief, brief, brief).forEach(encoder::training);
      assertThat(log.lines())
          .containsExactly("1 of 4 training texts were longer than model.max-length and were cut");
      List.of(record, record, brief).forEach(encoder::heldOut);
      assertThat(log.lines())
          .containsExactly(
              "1 of 4 training texts and 2 of 3 held-out texts were longer than model.max-length"
                  + " and were cut");
    }
  }

  /** SST-2's training phrases end with a space, its test sentences do not. */
  @Test
  void textsThatEndWithASpaceInTrainingOnlyAreReported() {
    TextRecord open = new TextRecord("a film ", "", new Target.Label(1), "");
    TextRecord closed = new TextRecord("a film", "", new Target.Label(1), "");
    try (TextTokenizer tokenizer = TextTokenizer.open(dir)) {
      TextEncoder encoder = encoder(tokenizer, 20, 0);
      List.of(open, open, open, closed).forEach(encoder::training);
      assertThat(log.lines()).isEmpty(); // nothing to compare with
      List.of(closed, closed).forEach(encoder::heldOut);
      assertThat(log.lines())
          .containsExactly(
              "3 of 4 training texts but 0 of 2 held-out texts end with a token of white space,"
                  + " which a head that reads the last token sees: make both alike");
      List.of(open, open).forEach(encoder::heldOut);
      assertThat(log.lines()).isEmpty();
    }
  }

  @Test
  void aSpaceThatIsCutOffIsNoDifference() {
    TextRecord open = new TextRecord("a film ", "", new Target.Label(1), "");
    TextRecord closed = new TextRecord("a film", "", new Target.Label(1), "");
    try (TextTokenizer tokenizer = TextTokenizer.open(dir)) {
      TextEncoder cut = encoder(tokenizer, 8, 0); // two of them special
      cut.training(open);
      cut.heldOut(closed);
      assertThat(log.lines()).singleElement().asString().contains("were cut");
    }
  }

  @Test
  void aResponseFollowsItsPromptAndIsCutAtTheEnd() {
    TextRecord record = new TextRecord("ask", "reply", new Target.Response(1), "");
    try (TextTokenizer tokenizer = TextTokenizer.open(dir)) {
      Example whole = encoder(tokenizer, 20, 0).training(record).orElseThrow();
      assertThat(letters(whole)).isEqualTo("<askreply|");
      assertThat(whole.target()).isEqualTo(new Target.Response(4));
      Example cut = encoder(tokenizer, 6, 0).training(record).orElseThrow();
      assertThat(letters(cut)).isEqualTo("<askre");
      assertThat(encoder(tokenizer, 4, 0).training(record)).isEmpty();
      assertThat(log.lines().get(0)).contains("a prompt that leaves no room for its response");
      TextEncoder failing = encoder(tokenizer, 4, 0, RecordFormat.BadRecords.FAIL);
      assertThatThrownBy(() -> failing.training(record))
          .hasMessageContaining("model.max-length = 4")
          .hasMessageContaining("\"ask\"");
    }
  }

  @Test
  void noTokensAtAllAreRefused() {
    try (TextTokenizer tokenizer = TextTokenizer.open(dir)) {
      assertThatThrownBy(() -> tokenizer.encode("abc", 0))
          .hasMessage("maxLength must be > 0 tokens, got 0");
      assertThatThrownBy(() -> encoder(tokenizer, -3, 0)).hasMessageContaining("got -3");
    }
  }

  /** Windows of random passages: question first, all of the passage covered, answers found. */
  @Test
  void windowsCoverThePassageAndPointToTheAnswer() {
    SplittableRandom random = new SplittableRandom(11);
    try (TextTokenizer tokenizer = TextTokenizer.open(dir)) {
      for (int trial = 0; trial < 300; trial++) {
        StringBuilder passage = new StringBuilder();
        for (int i = 5 + random.nextInt(60); i > 0; i--) {
          passage.appendCodePoint(random.nextInt(8) == 0 ? 0x1F600 : 'a' + random.nextInt(26));
        }
        int from = passage.offsetByCodePoints(0, random.nextInt(3));
        int to = passage.offsetByCodePoints(from, 1 + random.nextInt(3));
        String answer = passage.substring(from, to);
        Question question =
            new Question(
                "q", "who?", passage.toString(), List.of(new Question.Answer(answer, from)));
        TextRecord record = new TextRecord("who?", "", new Target.Answers(question), "");
        TextEncoder encoder = encoder(tokenizer, 40, 12);
        List<Example> windows = encoder.heldOut(record);
        List<Integer> passageBytes = new ArrayList<>();
        for (Example window : windows) {
          assertThat(window.length()).isLessThanOrEqualTo(40);
          assertThat(letters(window)).startsWith("<who?|").endsWith("|");
          int[] ids = ids(window);
          int shared = passageBytes.isEmpty() ? 0 : 12;
          for (int i = 6 + shared; i < ids.length - 1; i++) {
            passageBytes.add(ids[i] - 4);
          }
          Target.AnswerSpan span = (Target.AnswerSpan) window.target();
          if (span.first() > 0) {
            assertThat(span.window().text(span.first(), span.last())).isEqualTo(answer);
          }
        }
        assertThat(windows).isNotEmpty();
        byte[] bytes = new byte[passageBytes.size()];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) (int) passageBytes.get(i);
        }
        assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(passage.toString());
        Example best = encoder.training(record).orElseThrow();
        Target.AnswerSpan span = (Target.AnswerSpan) best.target();
        assertThat(span.window().text(span.first(), span.last())).isEqualTo(answer);
      }
    }
  }

  @Test
  void aQuestionWithoutAnswerPointsToTheFirstTokenAndAnAnswerThatFitsNoWindowIsLeftOut() {
    try (TextTokenizer tokenizer = TextTokenizer.open(dir)) {
      Question none = new Question("n", "who?", "nobody knows", List.of());
      TextRecord record = new TextRecord("who?", "", new Target.Answers(none), "");
      Target target = encoder(tokenizer, 40, 8).training(record).orElseThrow().target();
      assertThat(target).isInstanceOf(Target.AnswerSpan.class);
      assertThat(((Target.AnswerSpan) target).last()).isZero();
      String passage = "x".repeat(60);
      Question whole = new Question("w", "who?", passage, List.of(new Question.Answer(passage, 0)));
      TextRecord tooLong = new TextRecord("who?", "", new Target.Answers(whole), "");
      assertThat(encoder(tokenizer, 40, 8).training(tooLong)).isEqualTo(Optional.empty());
      assertThat(log.lines().get(0)).contains("an answer that fits no window");
      assertThatThrownBy(() -> encoder(tokenizer, 40, 33).heldOut(tooLong))
          .hasMessageContaining("data.questions.stride must be < 33");
    }
    assertThatThrownBy(() -> new Question("m", "q", "abc", List.of(new Question.Answer("bd", 1))))
        .hasMessageContaining("question m")
        .hasMessageContaining("\"bd\" at 1");
  }

  @Test
  void vocabTxtGivesTheTokensOfTheTokenizerJsonBesideIt() throws IOException {
    Path model = Path.of("../shared/golden/bert/model");
    assumeTrue(Files.isDirectory(model), () -> "no golden files at " + model);
    Path vocabularyOnly = Files.createDirectories(dir.resolve("v"));
    Files.copy(model.resolve("vocab.txt"), vocabularyOnly.resolve("vocab.txt"));
    try (TextTokenizer json = TextTokenizer.open(model);
        TextTokenizer text = TextTokenizer.open(vocabularyOnly)) {
      assertThat(text.vocabularySize()).isEqualTo(json.vocabularySize());
      for (String line : Files.readAllLines(model.resolve("../data.tsv"))) {
        assertThat(text.encode(line, 64)).isEqualTo(json.encode(line, 64));
        assertThat(text.encode(line.toUpperCase(java.util.Locale.ROOT) + " É!", 64))
            .isEqualTo(json.encode(line.toUpperCase(java.util.Locale.ROOT) + " É!", 64));
      }
    }
    Files.writeString(vocabularyOnly.resolve("vocab.txt"), "[UNK]\n[CLS]\nabc\n");
    assertThatThrownBy(() -> TextTokenizer.open(vocabularyOnly))
        .hasMessageContaining("vocab.txt")
        .hasMessageContaining("[SEP]");
  }
}
