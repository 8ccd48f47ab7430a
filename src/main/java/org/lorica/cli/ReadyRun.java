package org.lorica.cli;

import org.lorica.config.ConfigComparison;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.Checkpoint;
import org.lorica.federation.Evaluation;
import org.lorica.federation.Evaluator;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterSet;
import org.lorica.random.DrawKey;
import org.lorica.strategy.Diagnostics;

/**
 * What a run needs before its first or its next round.
 *
 * @param key root of its private draws
 */
record ReadyRun(
    Workbench workbench,
    FederationPrivacy privacy,
    DrawKey key,
    Evaluator evaluator,
    Start start,
    Diagnostics diagnostics) {

  /** The adapter that round 1 starts from, and how good it is. */
  record Start(AdapterSet adapter, Evaluation evaluation) {}

  /** By what a checkpoint is known to be this run's. */
  Checkpoint.Origin origin(LoadedConfig loaded) {
    return Checkpoint.Origin.of(
        ConfigComparison.digest(loaded.resolvedHocon()), workbench.inventory(start.evaluation()));
  }
}
