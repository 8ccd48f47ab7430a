package org.lorica.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.lorica.tensor.DeviceException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Entry point for spark-submit and the command line. */
@Command(
    name = "lorica",
    description = "Differentially private federated LoRA fine-tuning, simulated on Apache Spark.",
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    subcommands = {
      TrainCommand.class,
      ResumeCommand.class,
      SweepCommand.class,
      PartitionCommand.class,
      PretrainCommand.class,
      PredictCommand.class,
      EvaluateCommand.class,
      PrivacyCommand.class,
      AuditCommand.class,
      ReportCommand.class,
      DoctorCommand.class,
      BenchCommand.class,
      CompareCommand.class,
      ExportCommand.class
    })
public final class Main implements Callable<Integer> {
  private static final AtomicBoolean INTERRUPTED = new AtomicBoolean();

  private final StartTimings timings;
  private Optional<String> failure = Optional.empty();

  @Spec private CommandSpec spec;

  private Main(StartTimings timings) {
    this.timings = timings;
  }

  /** Of the command line that a command belongs to. */
  static StartTimings timings(CommandSpec command) {
    return ((Main) command.root().userObject()).timings;
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }

  /** Runs one command line and returns its exit code: 0 done, 1 failed, 2 wrong usage. */
  public static int execute(String... args) {
    return execute(StartTimings.fromNow(), args);
  }

  private static int execute(StartTimings timings, String... args) {
    return execute(commandLine(timings), args);
  }

  /** All commands, to be run or only parsed. */
  static CommandLine commandLine(StartTimings timings) {
    return commandLine(new Main(timings));
  }

  private static CommandLine commandLine(Main main) {
    CommandLine line = new CommandLine(main);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  /** The same, printing to given writers. */
  static int execute(PrintWriter out, PrintWriter err, String... args) {
    CommandLine line = commandLine(StartTimings.fromNow());
    line.setOut(out);
    line.setErr(err);
    return execute(line, args);
  }

  static int execute(CommandLine line, String... args) {
    if (System.getenv("LORICA_DEBUG") == null) {
      Configurator.setRootLevel(
          Level.ERROR); // spark-submit logs at INFO; the console is for our own lines
      Configurator.setLevel(
          "org.apache.spark.SparkContext", Level.OFF); // why it did not start is said in one line
    }
    line.setExecutionExceptionHandler(
        (error, command, result) -> {
          report(error, line);
          return CommandLine.ExitCode.SOFTWARE;
        });
    try {
      return line.execute(args);
    } catch (LinkageError | VirtualMachineError error) { // picocli lets errors pass
      report(error, line);
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  /** One line for what a user can mend; the whole stack on request, or where it is our fault. */
  private static void report(Throwable error, CommandLine line) {
    if (INTERRUPTED.get()) {
      return; // already said
    }
    PrintWriter err = line.getErr();
    Throwable cause = rootOfUserError(error);
    boolean expected = cause != null || error instanceof OutOfMemoryError;
    String text = message(cause != null ? cause : error);
    if (line.getCommandSpec().root().userObject() instanceof Main main) {
      main.failure = Optional.of(text);
    }
    err.println("lorica: " + text);
    if (!expected || System.getenv("LORICA_DEBUG") != null) {
      error.printStackTrace(err);
    }
    err.flush();
  }

  private static Throwable rootOfUserError(Throwable error) {
    if (error instanceof IOException) {
      return error;
    }
    for (Throwable t = error; t != null; t = t.getCause()) {
      if (t instanceof IllegalArgumentException
          || t instanceof UncheckedIOException
          || t instanceof FileSystemException
          || t instanceof DeviceException
          || sparkHasEnded(t)
          || t instanceof ArithmeticException) {
        return t;
      }
    }
    return null;
  }

  /** A master that gave the application up, or never answered, stops its context. */
  private static boolean sparkHasEnded(Throwable error) {
    return error instanceof IllegalStateException
        && String.valueOf(error.getMessage()).startsWith("Cannot call methods on a stopped Spark");
  }

  /** One line that says why something failed. */
  static String reason(Throwable error) {
    Throwable cause = rootOfUserError(error);
    return message(cause != null ? cause : error);
  }

  private static String message(Throwable error) {
    if (error instanceof OutOfMemoryError) {
      return "out of memory ("
          + error.getMessage()
          + "), with a heap of at most "
          + (Runtime.getRuntime().maxMemory() >> 20)
          + " MiB; give more with LORICA_HEAP or spark.driver.memory";
    }
    if (sparkHasEnded(error)) {
      return "the Spark application has ended: its master ("
          + System.getProperty("spark.master", "see spark.master")
          + ") did not answer, or ended it";
    }
    String text =
        error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
    return text.strip().replaceAll("\\s*\\R\\s*", " ") + unsaid(error, text);
  }

  /** Why a file could not be used, where the text does not say it yet. */
  private static String unsaid(Throwable error, String text) {
    Throwable cause = error instanceof UncheckedIOException ? error.getCause() : error;
    String why = cause.getMessage() == null ? "" : cause.getMessage();
    if (cause instanceof FileSystemException file && file.getReason() == null) {
      why = bare(file);
    }
    return !(cause instanceof IOException) || text.contains(why) ? "" : ": " + why;
  }

  /** What exceptions mean whose message is nothing but the file's name. */
  private static String bare(FileSystemException file) {
    if (file instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (file instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (file instanceof FileAlreadyExistsException) {
      return "exists already";
    }
    return file instanceof DirectoryNotEmptyException ? "the folder is not empty" : "";
  }

  /** Whether the process was told to end before its command was done. */
  static boolean interrupted() {
    return INTERRUPTED.get();
  }

  /** Ctrl-C tears Spark down under running tasks: what they then log is noise. */
  private static void sayIfInterrupted(AtomicBoolean finished) {
    if (!finished.get()) {
      INTERRUPTED.set(true);
      Configurator.setRootLevel(Level.OFF);
      System.err.println(
          "lorica: interrupted; what was begun keeps a name that ends with .incomplete, and lorica"
              + " resume, or the same sweep or compare once more, goes on with it");
    }
  }

  /** A result that was lost on its way out is none. */
  private static int written(int code) {
    if (code != 0 || !System.out.checkError()) {
      return code;
    }
    System.err.println("lorica: standard output could not be written to its end");
    return CommandLine.ExitCode.SOFTWARE;
  }

  public static void main(String[] args) {
    AtomicBoolean finished = new AtomicBoolean();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> sayIfInterrupted(finished)));
    Main command = new Main(StartTimings.ofProcess());
    int code = written(execute(commandLine(command), args));
    finished.set(true);
    ProcessOwner.here().end(code, command.failure);
  }
}
