package org.lorica.spark;

import org.apache.spark.api.java.JavaSparkContext;

/**
 * What Spark's pages and the event log call the jobs and stages of a round. Set for the calling
 * thread.
 *
 * @param group of all jobs of a run
 * @param round for example {@code round 12/100}
 */
record RoundStages(JavaSparkContext context, String group, String round) {
  private static final String BETWEEN = " · ";
  private static final String TRAIN = "train ";

  /** Whether a stage of this name trains clients. */
  static boolean trains(String stage) {
    return stage.contains(BETWEEN + TRAIN);
  }

  /** From now on jobs and stages train so many clients. */
  void enterTraining(int clients) {
    enter(TRAIN + clients + " clients");
  }

  /** From now on jobs and stages are called {@code round 12/100 · what}. */
  void enter(String what) {
    String name = round + BETWEEN + what;
    context.setJobGroup(group, name);
    context.setCallSite(name);
  }

  /** Leaves the thread as it was found. */
  void leave() {
    context.clearCallSite();
    context.clearJobGroup();
  }
}
