package org.lorica.model;

import java.util.List;
import java.util.Optional;
import org.lorica.data.ImageShape;
import org.lorica.lora.LoraModule;

/** What the classifiers of images have in common. */
abstract class VisionModel implements Model {
  private final ImageShape image;
  private final List<Linear> linears;
  private final List<Linear> head;
  private final long parameters;

  VisionModel(ImageShape image, List<Linear> linears, List<Linear> head, long parameters) {
    this.image = image;
    this.linears = List.copyOf(linears);
    this.head = List.copyOf(head);
    this.parameters = parameters;
  }

  /** The square image that config.json or the options ask for, in whole patches. */
  static ImageShape image(ModelSource source) {
    HuggingFaceConfig config = source.config();
    int side = source.options().imageSize().orElseGet(() -> config.size("image_size"));
    int patch = config.size("patch_size");
    if (side % patch != 0) {
      throw new IllegalArgumentException(
          source.folder()
              + ": image size must be a multiple of patch_size = "
              + patch
              + ", got "
              + side);
    }
    return new ImageShape(config.size("num_channels", 3), side, side);
  }

  static PreNormBlock.Projections projections(HuggingFaceConfig config) {
    return config.flag("qkv_bias", true)
        ? PreNormBlock.Projections.WITH_BIAS
        : PreNormBlock.Projections.WITHOUT_BIAS;
  }

  @Override
  public Task task() {
    return Task.SEQUENCE_CLASSIFICATION;
  }

  @Override
  public Optional<ImageShape> image() {
    return Optional.of(image);
  }

  @Override
  public List<LoraModule> linearModules() {
    return linears.stream().map(Linear::module).toList();
  }

  @Override
  public List<LoraModule> headModules() {
    return HeadLinear.modules(head);
  }

  @Override
  public float[] headValues() {
    return HeadLinear.values(head);
  }

  @Override
  public int outputs() {
    return head.get(0).out();
  }

  @Override
  public int vocabularySize() {
    return 0;
  }

  @Override
  public long parameters() {
    return parameters;
  }
}
