package org.lorica.federation;

import org.lorica.config.ModelConfig;
import org.lorica.data.Example;
import org.lorica.data.Tokens;
import org.lorica.model.Model;

/** Whether examples and model belong together, before anything is trained. */
record ExampleCheck(Model model, ModelConfig config) {

  /** Refuses an example that the model cannot take; {@code where} says where it is from. */
  void require(Example example, String where) {
    requireTarget(example, where);
    if (example.input() instanceof Tokens tokens) {
      requireTokens(tokens, where);
    }
  }

  private void requireTarget(Example example, String where) {
    boolean classes = model.task() == Model.Task.SEQUENCE_CLASSIFICATION;
    if (classes && (example.label() < 0 || example.label() >= model.outputs())) {
      throw new IllegalArgumentException(
          where
              + ": every label must be 0 to "
              + (model.outputs() - 1)
              + ", the classes of "
              + config.path()
              + ", found "
              + (example.label() == Example.NO_LABEL ? "a record without one" : example.label()));
    }
    if (!model.task().trainsOn(example.target())) {
      throw new IllegalArgumentException(
          where
              + ": every record must have "
              + model.task().targetName()
              + ", what "
              + config.path()
              + " predicts, found one without"
              + (model.task() == Model.Task.REGRESSION ? "; set data.target = value" : ""));
    }
  }

  private void requireTokens(Tokens tokens, String where) {
    if (tokens.length() > model.maxPositions()) {
      throw new IllegalArgumentException(
          "model.max-length must be <= "
              + model.maxPositions()
              + ", the longest sequence of "
              + config.path()
              + ", for "
              + where
              + " has a text of "
              + tokens.length()
              + " tokens, got "
              + config.maxLength());
    }
    for (int i = 0; i < tokens.length(); i++) {
      if (tokens.id(i) >= model.vocabularySize()) {
        throw new IllegalArgumentException(
            config.path()
                + ": the tokenizer's ids must be 0 to "
                + (model.vocabularySize() - 1)
                + ", the vocabulary of the model, found "
                + tokens.id(i)
                + " in "
                + where
                + "; they do not belong together");
      }
      if (tokens.segment(i) >= model.segments()) {
        throw new IllegalArgumentException(
            config.path()
                + ": type_vocab_size must be > "
                + tokens.segment(i)
                + " for pairs of texts as its tokenizer marks them in "
                + where
                + ", found "
                + model.segments());
      }
    }
  }
}
