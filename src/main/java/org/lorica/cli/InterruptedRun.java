package org.lorica.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.List;
import org.lorica.config.ConfigComparison;
import org.lorica.config.LoadedConfig;
import org.lorica.config.PrivacyConfig;
import org.lorica.config.RunConfig;
import org.lorica.federation.Checkpoint;
import org.lorica.federation.CheckpointFile;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.RoundsDone;
import org.lorica.federation.SecretKeyFile;
import org.lorica.random.DrawKey;
import org.lorica.report.Manifest;
import org.lorica.report.RunFolder;

/** A run folder to go on with: it must be of these settings, this model and this data. */
record InterruptedRun(RunFolder run, LoadedConfig loaded) {

  /** Says so on the console where only versions differ. */
  void requireSameSettings(PrintWriter console) {
    Manifest manifest = run.manifest();
    List<String> differences =
        ConfigComparison.differences(manifest.resolvedConfiguration(), loaded.resolvedHocon());
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          run.path()
              + ": its run can go on only with its own settings; these differ: "
              + String.join("; ", differences));
    }
    if (!manifest.versions().equals(Versions.all())) {
      requireSimulation(manifest);
      console.printf(
          "begun with %s, going on with %s: the rest may differ in its last bits%n",
          manifest.versions(), Versions.all());
    }
  }

  /** The root of its private draws: the same noise must be drawn again. */
  DrawKey key() {
    RunConfig config = loaded.run();
    return secure() ? SecretKeyFile.read(run.noiseKey()) : FederationPrivacy.freshKey(config);
  }

  /** What its checkpoint holds; what is ready takes over ledger and observations. */
  RoundsDone restore(ReadyRun ready) {
    if (!Files.exists(run.checkpoint())) {
      run.keepRounds(0);
      return RoundsDone.none(ready.start().adapter());
    }
    Checkpoint checkpoint = checkpoint(ready);
    ready.privacy().restore(checkpoint.ledger());
    ready.diagnostics().restore(checkpoint.observed());
    run.keepRounds(checkpoint.done().rounds());
    return checkpoint.done();
  }

  /** The checkpoint, if it is of this run. */
  private Checkpoint checkpoint(ReadyRun ready) {
    Checkpoint checkpoint = CheckpointFile.read(run.checkpoint());
    Checkpoint.Origin origin = ready.origin(loaded);
    if (!checkpoint.origin().settings().equals(origin.settings())) {
      throw new IllegalArgumentException(
          run.checkpoint()
              + ": expected the settings of manifest.json, found those of another run");
    }
    if (!checkpoint.origin().inputs().equals(origin.inputs())) {
      throw new IllegalArgumentException(
          run.checkpoint()
              + ": expected the model and the data that the run began with, found others under the"
              + " same names");
    }
    return checkpoint;
  }

  private boolean secure() {
    return loaded.run().privacy().noise().mode() == PrivacyConfig.Noise.NoiseMode.SECURE;
  }

  /** The same noise on sums with other last bits would show their difference. */
  private void requireSimulation(Manifest begun) {
    if (secure()) {
      throw new IllegalArgumentException(
          run.path()
              + ": with noise.mode = secure a run must go on with the versions that it began with, "
              + begun.versions()
              + ", found "
              + Versions.all());
    }
  }
}
