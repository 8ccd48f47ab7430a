package org.lorica.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.lorica.config.RunConfig;
import org.lorica.federation.Evaluation;
import org.lorica.federation.Evaluator;
import org.lorica.federation.ExportedAdapter;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.SecretKeyFile;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterSet;
import org.lorica.model.Model;
import org.lorica.report.Manifest;
import org.lorica.report.PrivacyStatement;
import org.lorica.report.RunFolder;
import org.lorica.report.Summary;

/**
 * The last files of a run whose rounds are all done. May be written again after an interruption.
 */
record FinishedRun(
    RunConfig config, Workbench workbench, FederationPrivacy privacy, RunFolder run) {

  /**
   * Writes adapter, privacy statement and summary, completes the folder, and returns the summary.
   */
  String write(AdapterSet adapter, Evaluation before, Evaluation after) {
    ExportedAdapter.of(config, workbench, adapter).write(run.adapter());
    int rounds = config.federation().rounds();
    PrivacyStatement statement = Statements.of(privacy, workbench.population(), rounds);
    run.writePrivacy(statement);
    Summary summary =
        new Summary(
            new Summary.Run(config.general().name(), rounds, run.finalPath(), run.seconds()),
            scores(before, after),
            run.faults(),
            workbench.population().notes(),
            statement);
    run.writeSummary(summary.text());
    run.writeManifest(run.manifest().with(Manifest.Status.COMPLETE));
    close(run);
    return summary.text();
  }

  /** The last steps of a folder whose manifest says COMPLETE. */
  static void close(RunFolder run) {
    SecretKeyFile.delete(run.noiseKey()); // nobody has to repeat this noise again
    run.complete();
  }

  private List<Summary.Score> scores(Evaluation before, Evaluation after) {
    List<Summary.Score> scores = new ArrayList<>();
    scores.add(score("trained adapter", after));
    scores.add(score("base model, untrained adapter", before));
    if (workbench.model().task() == Model.Task.SEQUENCE_CLASSIFICATION) {
      scores.add(
          new Summary.Score(
              "majority guess",
              OptionalDouble.empty(),
              after.metricName(),
              OptionalDouble.of(Evaluator.majorityShare(workbench.population().test()))));
    }
    return scores;
  }

  private static Summary.Score score(String who, Evaluation e) {
    return new Summary.Score(
        who, OptionalDouble.of(e.loss()), e.metricName(), OptionalDouble.of(e.metric()));
  }
}
