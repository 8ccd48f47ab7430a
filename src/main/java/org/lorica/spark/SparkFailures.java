package org.lorica.spark;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Failures of Spark jobs in one line each that names the setting to change. */
final class SparkFailures {
  private SparkFailures() {}

  private record Known(Pattern pattern, String remedy) {
    /** {@code %s} in the remedy is what the pattern's first group found. */
    Optional<String> explain(String text) {
      Matcher matcher = pattern.matcher(text);
      return matcher.find()
          ? Optional.of(remedy.replace("%s", matcher.group(1).strip()))
          : Optional.empty();
    }
  }

  private static Known known(String pattern, String remedy) {
    return new Known(Pattern.compile(pattern, Pattern.DOTALL), remedy);
  }

  private static final List<Known> ALL =
      List.of(
          known(
              "(otal size of serialized results of [^\\n]*spark\\.driver\\.maxResultSize[^\\n)]*\\)?)",
              "spark.driver.maxResultSize is too small for the sums of a round: t%s; raise it"
                  + " (--conf spark.driver.maxResultSize=4g; 0 = no limit)"),
          known(
              "(No space left on device)",
              "a disk of the cluster is full (%s): trained clients are kept in spark.local.dir on the"
                  + " workers; free it, point spark.local.dir elsewhere, or lower"
                  + " federation.clients-per-round"),
          known("(no memory outside the heap[^\\n]*)", "a task found %s"),
          known(
              "OutOfMemoryError:? ?([^\\n]*)",
              "a task ran out of memory (%s): raise spark.executor.memory (heap) or the off-heap"
                  + " memory of the executors, or lower federation.micro-batch"),
          known(
              "(?:ExecutorLostFailure|Lost executor)([^\\n]*)",
              "the same task lost its executor as often as spark.task.maxFailures allows (%s): raise"
                  + " spark.executor.memoryOverhead if a container was ended for its memory,"
                  + " spark.task.maxFailures if machines come and go"),
          known(
              "(cancelled as part of cancellation of all jobs)",
              "the run's jobs were %s: its executors come and go without finishing a task, and their"
                  + " stderr, on the workers, says why; spark.executor.extraJavaOptions and"
                  + " spark.executor.memory are what to look at first"),
          known(
              "(Master removed our application[^\\n]*|All masters are unresponsive[^\\n]*|SparkContext"
                  + " was shut down|cancelled because[^\\n]*)",
              "the cluster ended the application (%s); its own log says why, and lorica resume goes on"
                  + " from the last finished round"));

  /** The action's result; its failure in one line if it is a known one. */
  static <T> T explained(Callable<T> action) {
    try {
      return action.call();
    } catch (RuntimeException e) {
      throw userError(e) ? e : explain(e).orElse(e);
    } catch (Exception e) { // SparkException, which Scala throws unannounced
      throw explain(e)
          .orElseGet(() -> new IllegalStateException("a Spark job failed: " + firstLine(e), e));
    }
  }

  /**
   * One of our own messages, which came back as the cause of a task's failure, is clear already.
   */
  private static boolean userError(Throwable error) {
    for (Throwable t = error; t != null; t = t.getCause()) {
      if (t instanceof UncheckedIOException || t instanceof ArithmeticException) {
        return true;
      }
    }
    return false;
  }

  static Optional<RuntimeException> explain(Throwable error) {
    StringBuilder text = new StringBuilder();
    for (Throwable t = error; t != null; t = t.getCause()) {
      text.append(t).append('\n');
      if (t != error && t instanceof IllegalArgumentException own) {
        return Optional.of(own);
      }
    }
    return ALL.stream()
        .map(known -> known.explain(text.toString()))
        .flatMap(Optional::stream)
        .findFirst()
        .map(line -> new IllegalArgumentException(line, error));
  }

  private static String firstLine(Throwable error) {
    return String.valueOf(error.getMessage()).strip().split("\\R", 2)[0];
  }
}
