package org.lorica.config;

import static org.lorica.config.Checks.check;

import java.io.Serializable;

/** How images are read: lorica.data.{image-channels, label-column, pixel-max}. */
public record ImageFormat(Channels channels, LabelColumn labelColumn, int pixelMax)
    implements Serializable {

  /** What is done with images of another number of channels than the model takes. */
  public enum Channels {
    AS_STORED,
    CONVERT
  }

  /** Where a table of pixels has its labels. */
  public enum LabelColumn {
    FIRST,
    LAST
  }

  public ImageFormat {
    check(pixelMax >= 1 && pixelMax <= 65_535, "lorica.data.pixel-max", "1 to 65535", pixelMax);
  }
}
