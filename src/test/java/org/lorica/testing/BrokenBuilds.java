package org.lorica.testing;

import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Clipper;
import org.lorica.privacy.GaussianNoiser;
import org.lorica.privacy.Release;

/** Faults that real code bases have shipped: each must be caught by the canaries and the audit. */
public enum BrokenBuilds {
  NOISE_OFF {
    @Override
    Release broken(Release sound, double batch) {
      return noised(sound, 0);
    }
  },
  NOISE_HALVED {
    @Override
    Release broken(Release sound, double batch) {
      return noised(sound, 0.5);
    }
  },
  NO_CLIP {
    @Override
    Release broken(Release sound, double batch) {
      return new Release(new Clipper(Double.POSITIVE_INFINITY), new NoClip(sound).noiser());
    }
  },
  NOISE_ON_THE_MEAN {
    @Override
    Release broken(Release sound, double batch) {
      return noised(sound, 1 / batch); // σC on the mean would be σCb on the sum
    }
  };

  abstract Release broken(Release sound, double batch);

  /**
   * Terms as the broken build would apply them.
   *
   * @param batch public expected batch size
   */
  public ClientTerms of(ClientTerms sound, double batch) {
    return new ClientTerms(
        sound.sampler(), sound.samplingProbability(), broken(sound.step(), batch), sound.message());
  }

  private static Release noised(Release sound, double share) {
    return new Release(
        sound.clipper(),
        new GaussianNoiser(sound.noiser().noiseMultiplier() * share, sound.noiser().sensitivity()));
  }

  /** The same noise, with a sensitivity that clips nothing. */
  private record NoClip(Release sound) {
    private static final double WIDE = 1e12;

    GaussianNoiser noiser() {
      double deviation = sound.noiser().noiseMultiplier() * sound.noiser().sensitivity();
      return new GaussianNoiser(deviation / WIDE, WIDE);
    }
  }
}
