package org.lorica.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Where the wall-clock time from the command to the first training step goes. The phases follow
 * each other on one thread, so they sum up to the whole; what went on beside them is told apart.
 */
final class StartTimings {
  /** Set by the launcher: when it was called, in seconds since 1970. */
  static final String COMMAND = "lorica.command-begin";

  private final Map<String, Double> phases = new LinkedHashMap<>();
  private final Map<String, Double> beside = Collections.synchronizedMap(new LinkedHashMap<>());
  private double last;

  private StartTimings(double begin) {
    last = begin;
  }

  /** From the launcher's call, or from the start of this JVM where no launcher tells. */
  static StartTimings ofProcess() {
    double jvm = ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3;
    StartTimings timings = new StartTimings(commandBegin(jvm));
    timings.done("launcher", jvm);
    timings.done("jvm");
    return timings;
  }

  /** From now on: for a command inside a JVM that runs already. */
  static StartTimings fromNow() {
    return new StartTimings(now());
  }

  private static double commandBegin(double jvm) {
    String text = System.getProperty(COMMAND, "");
    // a locale may write the fraction with a comma
    return text.matches("[0-9]{1,12}[.,][0-9]{1,9}")
        ? Math.min(jvm, Double.parseDouble(text.replace(',', '.')))
        : jvm;
  }

  private static double now() {
    return System.currentTimeMillis() / 1e3;
  }

  /** A phase ended now, which began where the one before ended. */
  void done(String phase) {
    done(phase, now());
  }

  /**
   * A phase ended at a time that was kept, in milliseconds since 1970; unknown times are skipped.
   */
  void done(String phase, OptionalLong millis) {
    millis.ifPresent(end -> done(phase, end / 1e3));
  }

  private void done(String phase, double end) {
    phases.merge(phase, Math.max(0, end - last), Double::sum);
    last = Math.max(last, end);
  }

  /** Seconds by phase, in their order. */
  Map<String, Double> phases() {
    return Collections.unmodifiableMap(phases);
  }

  /** Something went on beside the phases. */
  void beside(String what, double seconds) {
    beside.put(what, seconds);
  }

  /** Prints the phases, their sum, and what went on beside them. */
  void print(PrintWriter out) {
    double sum = phases.values().stream().mapToDouble(Double::doubleValue).sum();
    out.println("from the command to the first training step:");
    phases.forEach((phase, seconds) -> line(out, phase, seconds));
    line(out, "sum", sum);
    line(out, "processor time", processor() / 1e9);
    synchronized (beside) {
      beside.forEach(
          (what, seconds) ->
              out.printf(Locale.ROOT, "  %-22s %6.2f s, beside the others%n", what, seconds));
    }
    out.flush();
  }

  /** Of the whole process until now, in nanoseconds: what a busy machine does not distort. */
  private static long processor() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static void line(PrintWriter out, String name, double seconds) {
    out.printf(Locale.ROOT, "  %-22s %6.2f s%n", name, seconds);
  }
}
