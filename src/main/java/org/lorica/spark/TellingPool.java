package org.lorica.spark;

import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.lorica.federation.ClientPool;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalTask;
import org.lorica.federation.Participant;

/**
 * Tells when Spark has been given the clients of a round. Its scheduler serves the job first that
 * came first: what is submitted afterwards gets the slots that no client needs.
 */
record TellingPool(JavaSparkContext context, ClientPool clients) implements ClientPool {
  @Override
  public Cohort train(LocalTask task, List<Participant> participants) {
    return clients.train(task, participants);
  }

  @Override
  public Cohort train(LocalTask task, List<Participant> participants, Runnable started) {
    Submission submission = new Submission(started);
    context.sc().addSparkListener(submission);
    try {
      return clients.train(task, participants);
    } finally {
      context.sc().removeSparkListener(submission);
    }
  }

  private static final class Submission extends SparkListener {
    private final Runnable started;

    Submission(Runnable started) {
      this.started = started;
    }

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
      if (RoundStages.trains(submitted.stageInfo().name())) {
        started.run();
      }
    }
  }
}
