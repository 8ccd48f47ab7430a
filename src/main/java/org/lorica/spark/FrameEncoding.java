package org.lorica.spark;

import java.io.Serializable;
import java.nio.file.Path;
import org.lorica.data.Example;
import org.lorica.data.ImageDecoder;
import org.lorica.data.ImageShape;
import org.lorica.data.Input;
import org.lorica.data.Preprocessor;
import org.lorica.data.TextTokenizer;
import org.lorica.data.Tokens;

/** How rows of a table become what a model reads, by the files of the model's folder. */
public sealed interface FrameEncoding extends Serializable {

  /** An encoder for one task; to be closed. */
  Encoder open();

  /** Encodes contents. */
  interface Encoder extends AutoCloseable {
    /** What the model reads. */
    Input encode(FrameContent content);

    /** An example of what the model reads. */
    default Example example(FrameContent content, int label) {
      return new Example(encode(content), label);
    }

    @Override
    void close();
  }

  /**
   * Texts, by the folder's tokenizer.
   *
   * @param maxLength tokens of the longest text, > 1
   */
  record Texts(String folder, int maxLength) implements FrameEncoding {
    @Override
    public Encoder open() {
      TextTokenizer tokenizer = TextTokenizer.open(Path.of(folder));
      return new Encoder() {
        @Override
        public Input encode(FrameContent content) {
          return new Tokens(tokenizer.encode(((FrameContent.Text) content).text(), maxLength));
        }

        @Override
        public void close() {
          tokenizer.close();
        }
      };
    }
  }

  /**
   * Images, by the folder's preprocessor_config.json.
   *
   * @param column named where an image cannot be read
   * @param shape what the model takes
   */
  record Images(String folder, String column, ImageShape shape) implements FrameEncoding {
    @Override
    public Encoder open() {
      ImageDecoder decoder = new ImageDecoder(Preprocessor.open(Path.of(folder), shape));
      return new Encoder() {
        @Override
        public Input encode(FrameContent content) {
          try {
            return decoder.decode(((FrameContent.Picture) content).image());
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(column + ": " + e.getMessage(), e);
          }
        }

        @Override
        public void close() {
          // holds nothing outside the heap
        }
      };
    }
  }
}
