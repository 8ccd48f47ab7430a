package org.lorica.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model folder's {@code preprocessor_config.json}: do_resize, size, resample, do_center_crop,
 * crop_size, do_rescale, rescale_factor, do_normalize, image_mean, image_std. An absent do_resize,
 * do_rescale or do_normalize means true, an absent do_center_crop false, an absent resample
 * bilinear, an absent rescale_factor 1/255.
 */
public final class Preprocessor {
  /** File name inside a model folder. */
  public static final String FILE = "preprocessor_config.json";

  /** Steps that are computed; whether colours are converted, data.image-channels says. */
  private static final Set<String> STEPS =
      Set.of("do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb");

  private final Path file;
  private final ImageShape shape;
  private final ImageTransform transform;

  private Preprocessor(Path file, ImageShape shape, ImageTransform transform) {
    this.file = file;
    this.shape = shape;
    this.transform = transform;
  }

  /**
   * Reads the file.
   *
   * @param modelFolder the model's folder, or the model where it is one file: {@code
   *     preprocessor_config.json} then lies beside it
   * @param shape what the model takes; where its size is not the file's own, sizes are scaled to it
   */
  public static Preprocessor open(Path modelFolder, ImageShape shape) {
    boolean single = Files.isRegularFile(modelFolder);
    Path file = single ? modelFolder.resolveSibling(FILE) : modelFolder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          file
              + ": no such file; "
              + (single
                  ? "beside " + modelFolder.getFileName() + " there must be "
                  : "the folder of a model for images must hold ")
              + FILE);
    }
    try {
      JsonNode json = new ObjectMapper().readTree(Files.readString(file));
      ImageTransform transform = transform(json);
      transform.normalisation().requireChannels(shape.channels());
      // A processor that does not resize may still say for which size it was made.
      boolean silent = transform.resize().fit() == ImageTransform.Fit.NONE && !json.has("size");
      ImageShape own = silent ? shape : ownShape(json, transform, shape);
      boolean fits = own.height() == shape.height() && own.width() == shape.width();
      if (!fits && shape.height() != shape.width()) {
        throw new IllegalArgumentException(
            "size must be that of the model, " + shape + ", got " + own);
      }
      return new Preprocessor(file, shape, fits ? transform : transform.to(shape.height()));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + ": expected JSON, found " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static ImageShape ownShape(JsonNode json, ImageTransform transform, ImageShape model) {
    if (transform.crop().cuts() || transform.resize().fit() != ImageTransform.Fit.NONE) {
      return transform.shape(model);
    }
    return new ImageShape(
        model.channels(), side(json, "size", "height"), side(json, "size", "width"));
  }

  /** A step that is asked for and not done would change every pixel without a word. */
  private static void refuseOtherSteps(JsonNode json) {
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      String key = entry.getKey();
      if (key.startsWith("do_") && !STEPS.contains(key) && entry.getValue().asBoolean(false)) {
        throw new IllegalArgumentException(key + " must be false: it is not computed, got true");
      }
    }
  }

  private static ImageTransform transform(JsonNode json) {
    refuseOtherSteps(json);
    Resampling filter = Resampling.parse(json.path("resample").asText("bilinear"));
    ImageTransform.Resize resize = new ImageTransform.Resize(ImageTransform.Fit.NONE, 0, 0, filter);
    if (flag(json, "do_resize", json.has("size"))) {
      JsonNode size = json.path("size");
      ImageTransform.Fit fit =
          size.has("shortest_edge") ? ImageTransform.Fit.SHORTEST_EDGE : ImageTransform.Fit.EXACT;
      resize =
          new ImageTransform.Resize(
              fit, side(json, "size", "height"), side(json, "size", "width"), filter);
    }
    ImageTransform.Crop crop =
        flag(json, "do_center_crop", false)
            ? new ImageTransform.Crop(
                side(json, "crop_size", "height"), side(json, "crop_size", "width"))
            : ImageTransform.Crop.NONE;
    double rescale = json.path("rescale_factor").asDouble(1.0 / 255);
    boolean normalised = flag(json, "do_normalize", true);
    return new ImageTransform(
        resize,
        crop,
        new Normalisation(
            flag(json, "do_rescale", true) ? rescale : 1,
            normalised ? numbers(json, "image_mean") : List.of(),
            normalised ? numbers(json, "image_std") : List.of()));
  }

  private static boolean flag(JsonNode json, String key, boolean fallback) {
    JsonNode node = json.path(key);
    if (!node.isMissingNode() && !node.isNull() && !node.isBoolean()) {
      throw new IllegalArgumentException(key + " must be true or false, got " + node);
    }
    return node.asBoolean(fallback);
  }

  /** A size is one number, {"height", "width"} or {"shortest_edge"}. */
  private static int side(JsonNode json, String key, String side) {
    JsonNode size = json.path(key);
    JsonNode node =
        size.isNumber()
            ? size
            : size.has("shortest_edge") ? size.get("shortest_edge") : size.path(side);
    if (!node.isInt() || node.asInt() <= 0) {
      throw new IllegalArgumentException(
          key
              + " must be a number of pixels > 0, {\"height\", \"width\"} or {\"shortest_edge\"}, got "
              + (size.isMissingNode() ? "nothing" : size));
    }
    return node.asInt();
  }

  private static List<Double> numbers(JsonNode json, String key) {
    List<Double> values = new ArrayList<>();
    for (JsonNode node : json.path(key)) {
      if (!node.isNumber()) {
        throw new IllegalArgumentException(
            key + " must be a list of numbers, got " + json.get(key));
      }
      values.add(node.asDouble());
    }
    if (values.isEmpty()) {
      throw new IllegalArgumentException(
          key + " must be a list of numbers where do_normalize is not false, got nothing");
    }
    return values;
  }

  /** The model's image of stored pixels; an error if the result has not the model's shape. */
  Image image(Pixels stored) {
    ImageShape found = transform.shape(stored.shape());
    if (!found.equals(shape)) {
      throw new IllegalArgumentException(
          "the model takes images of "
              + shape
              + ", found "
              + stored.shape()
              + (stored.shape().equals(found) ? "" : ", " + found + " after " + FILE));
    }
    return new PixelImage(stored, transform);
  }

  /** What the model takes. */
  public ImageShape shape() {
    return shape;
  }

  @Override
  public String toString() {
    return file + " for " + shape;
  }
}
