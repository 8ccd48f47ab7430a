package org.lorica.federation;

import java.io.Serializable;
import org.lorica.model.FreshHead;
import org.lorica.model.LoadOptions;
import org.lorica.tensor.Device;

/**
 * The frozen model below a trained adapter. It travels to executors, which load it.
 *
 * @param path its folder
 * @param adapterClasses outputs of the head that the adapter brings instead of the checkpoint's,
 *     which may have another size or none; 0 if the head is the checkpoint's or started as it
 * @param device what scores
 */
public record ScoredModel(String path, int adapterClasses, Device device) implements Serializable {
  private static final long serialVersionUID = 1L;

  public ScoredModel {
    if (adapterClasses < 0) {
      throw new IllegalArgumentException("adapterClasses must be >= 0, got " + adapterClasses);
    }
  }

  /** The same where only its files' content is asked for, which takes no card. */
  ScoredModel described() {
    return device == Device.CUDA ? new ScoredModel(path, adapterClasses, Device.AUTO) : this;
  }

  LoadOptions options() {
    return adapterClasses == 0
        ? LoadOptions.AS_STORED
        : LoadOptions.AS_STORED.with(FreshHead.placeholder(adapterClasses));
  }
}
