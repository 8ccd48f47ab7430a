package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.lorica.data.Example;
import org.lorica.data.Question;
import org.lorica.federation.metrics.AnswerGuess;
import org.lorica.federation.metrics.Outcome;

/** What executors send of held-out examples. */
class ScoredChunkTest {
  @Test
  void outcomesWithAndWithoutAnAnswerTravel() throws IOException, ClassNotFoundException {
    List<Example> heldOut =
        List.of(new Example(new int[] {1}, 0), new Example(new int[] {2, 3}, 0));
    Question question = new Question("q", "who?", "it was Ada", List.of());
    AnswerGuess guess = new AnswerGuess(question, "Ada", 2.5, -1);
    List<Outcome> outcomes =
        List.of(
            new Outcome(heldOut.get(0), 0.5, 1, Double.NaN, Optional.of(guess)),
            new Outcome(heldOut.get(1), 0.25, 3, 1, Optional.empty()));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(ScoredChunk.of(List.of(0, 1), outcomes));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(((ScoredChunk) in.readObject()).outcomes(heldOut)).isEqualTo(outcomes);
    }
  }
}
