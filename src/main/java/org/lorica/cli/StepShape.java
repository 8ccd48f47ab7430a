package org.lorica.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lorica.data.Example;
import org.lorica.data.Image;
import org.lorica.data.ImageShape;
import org.lorica.data.Tokens;
import org.lorica.model.ScratchBert;
import org.lorica.model.ScratchLlama;
import org.lorica.model.ScratchVit;
import org.lorica.random.RandomKey;

/**
 * A model and batch shape that steps are timed on; the weights are random.
 *
 * @param label name on the command line and in tables
 * @param batch usual batch size
 */
record StepShape(String label, Family family, Dimensions size, int batch) {
  private static final int CLASSES = 4;
  private static final int PIXELS = 224; // a side
  private static final int PATCH = 16;

  /** All shapes that are timed by default. */
  static final List<StepShape> ALL =
      List.of(
          new StepShape("encoder", Family.ENCODER, new Dimensions(256, 4, 4, 4, 1024, 260, 64), 16),
          new StepShape(
              "roberta-base", Family.ENCODER, new Dimensions(768, 12, 12, 12, 3072, 260, 128), 16),
          new StepShape("vit-tiny", Family.IMAGE_ENCODER, Dimensions.ofImages(192, 12, 3, 768), 16),
          new StepShape(
              "llama-260k", Family.DECODER, new Dimensions(64, 5, 8, 4, 172, 512, 64), 8));

  /** Shapes that take a CPU too long: timed where they are asked for. */
  static final List<StepShape> LARGE =
      List.of(
          new StepShape(
              "vit-base", Family.IMAGE_ENCODER, Dimensions.ofImages(768, 12, 12, 3072), 64),
          new StepShape(
              "llama-1b", Family.DECODER, new Dimensions(2048, 16, 32, 8, 8192, 32_000, 512), 4));

  /** Layout of the layers. */
  enum Family {
    ENCODER,
    DECODER,
    IMAGE_ENCODER
  }

  /** Dimensions of a transformer and the length of its examples. */
  record Dimensions(
      int hidden,
      int layers,
      int heads,
      int keyHeads,
      int feedForward,
      int vocabulary,
      int tokens) {

    /** Of a transformer that reads images; the class token is one of the tokens. */
    static Dimensions ofImages(int hidden, int layers, int heads, int feedForward) {
      int patches = PIXELS / PATCH * (PIXELS / PATCH);
      return new Dimensions(hidden, layers, heads, heads, feedForward, 0, patches + 1);
    }
  }

  /** The shape of this name. */
  static StepShape named(String label) {
    List<StepShape> all = Stream.concat(ALL.stream(), LARGE.stream()).toList();
    return all.stream()
        .filter(shape -> shape.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--shape must be one of "
                        + all.stream().map(StepShape::label).toList()
                        + ", got "
                        + label));
  }

  int hidden() {
    return size.hidden();
  }

  int tokens() {
    return size.tokens();
  }

  boolean readsImages() {
    return family == Family.IMAGE_ENCODER;
  }

  private boolean decoder() {
    return family == Family.DECODER;
  }

  /** Names of the adapted layers: query and value projections. */
  List<String> targets() {
    return decoder() ? List.of("q_proj", "v_proj") : List.of("query", "value");
  }

  /**
   * P: weights of all linear layers of the blocks; that of an embedding of patches is not in it.
   */
  long parameters() {
    long d = size.hidden();
    long keys = d / size.heads() * size.keyHeads();
    return size.layers()
        * (2 * d * d + 2 * d * keys + (decoder() ? 3 : 2) * d * size.feedForward());
  }

  /** Writes a model of this shape. */
  void write(Path folder) {
    RandomKey key = RandomKey.root(1);
    switch (family) {
      case ENCODER -> ScratchBert.write(folder, bert(), CLASSES, key);
      case DECODER -> ScratchLlama.write(folder, llama(), size.tokens(), key);
      case IMAGE_ENCODER -> ScratchVit.write(folder, vit(), CLASSES, key);
    }
  }

  private ScratchBert.Size bert() {
    return new ScratchBert.Size(
        size.hidden(),
        size.layers(),
        size.heads(),
        size.feedForward(),
        size.vocabulary(),
        size.tokens());
  }

  private ScratchLlama.Size llama() {
    return new ScratchLlama.Size(
        size.hidden(),
        size.layers(),
        size.heads(),
        size.keyHeads(),
        size.feedForward(),
        size.vocabulary());
  }

  private ScratchVit.Size vit() {
    return new ScratchVit.Size(
        size.hidden(), size.layers(), size.heads(), size.feedForward(), PIXELS, PATCH);
  }

  /** Random examples of the full length. */
  List<Example> examples(int count) {
    RandomKey key = RandomKey.root(2);
    List<Example> examples = new ArrayList<>();
    for (int e = 0; e < count; e++) {
      examples.add(
          new Example(readsImages() ? image(key.with(e)) : text(key.with(e)), e % CLASSES));
    }
    return examples;
  }

  private Tokens text(RandomKey key) {
    int[] ids = new int[size.tokens()];
    for (int t = 0; t < ids.length; t++) {
      ids[t] = key.integer(t, size.vocabulary());
    }
    return new Tokens(ids);
  }

  private static Image image(RandomKey key) {
    ImageShape shape = new ImageShape(3, PIXELS, PIXELS);
    double[] draws = new double[shape.size()];
    key.addGaussiansInPlace(1, draws);
    float[] values = new float[draws.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draws[i];
    }
    return Image.of(shape, values);
  }
}
