package org.lorica.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Images as text, one a line: whole numbers separated by commas, a label first or last; a header is
 * recognised by its first cell. The image is square, of one channel, or of three one after another.
 */
public final class PixelTable {
  private final ImageSource source;
  private final Layout layout;

  PixelTable(ImageSource source, Layout layout) {
    this.source = source;
    this.layout = layout;
  }

  /** Where the label stands. */
  public enum LabelColumn {
    FIRST,
    LAST
  }

  /**
   * How a line is laid out.
   *
   * @param greatest value of a full pixel, 1 to 65535; pixels are scaled to 0 … 255
   */
  public record Layout(LabelColumn label, int greatest) {
    public Layout {
      if (greatest < 1 || greatest > 65_535) {
        throw new IllegalArgumentException("pixel-max must be 1 to 65535, got " + greatest);
      }
    }
  }

  void read(Path file, ImageSet.Builder into) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(ImageSource.open(file), StandardCharsets.UTF_8))) {
      int columns = 0;
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        String[] cells = line.split(",", -1);
        boolean header = number == 1 && !cells[0].strip().matches("-?\\d+");
        if (line.isBlank() || header) {
          continue;
        }
        columns = columns == 0 ? cells.length : columns;
        if (cells.length != columns) {
          throw new IllegalArgumentException(
              file
                  + ": line "
                  + number
                  + ": expected "
                  + columns
                  + " columns as in the lines before, found "
                  + cells.length);
        }
        ImageShape shape = shape(file, columns - 1);
        into.add(file + ": line " + number, () -> record(cells, shape));
      }
    }
  }

  private static ImageShape shape(Path file, int pixels) {
    for (int channels : new int[] {1, 3}) {
      int side = (int) Math.round(Math.sqrt((double) pixels / channels));
      if (side > 0 && channels * side * side == pixels) {
        return new ImageShape(channels, side, side);
      }
    }
    throw new IllegalArgumentException(
        file
            + ": expected a label and the pixels of a square image of 1 or 3 channels, found "
            + pixels
            + " columns beside the label");
  }

  private ImageRecord record(String[] cells, ImageShape shape) {
    int from = layout.label() == LabelColumn.FIRST ? 1 : 0;
    String label = cells[layout.label() == LabelColumn.FIRST ? 0 : cells.length - 1].strip();
    byte[] values = new byte[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) pixel(cells[from + i].strip());
    }
    return source.record(new Pixels(shape, values), source.labels().of(label), "");
  }

  private int pixel(String cell) {
    try {
      int value = Integer.parseInt(cell);
      if (value >= 0 && value <= layout.greatest()) {
        return (value * 255 + layout.greatest() / 2) / layout.greatest();
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "a pixel must be a whole number from 0 to data.pixel-max = "
            + layout.greatest()
            + ", found \""
            + cell
            + "\"");
  }
}
