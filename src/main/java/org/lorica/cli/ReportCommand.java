package org.lorica.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lorica.report.ReportPage;
import org.lorica.report.figure.PaperFigures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorica report}: pictures of what is done already. */
@Command(
    name = "report",
    description =
        "Draws run folders, over each other if there are several, and folders of sweeps,"
            + " comparisons and audits: as a page (report.html in the folder, or --out), or as"
            + " PNG and SVG files (--figures).",
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "RUN", description = "Folder of a run, sweep or audit.")
  private List<Path> folders;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The page; with one folder and no --figures it is RUN/report.html.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--figures",
      paramLabel = "DIR",
      description = "Folder for the figures as PNG and SVG, for papers.")
  private Optional<Path> figures = Optional.empty();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    for (Path folder : folders) {
      if (!Files.isDirectory(folder)) {
        throw new IllegalArgumentException(folder + ": expected a folder, found none");
      }
    }
    if (out.isEmpty() && figures.isEmpty() && folders.size() > 1) {
      throw new IllegalArgumentException(
          "--out FILE or --figures DIR must be given for several folders");
    }
    ReportPage page = ReportPage.of(folders);
    PrintWriter console = spec.commandLine().getOut();
    if (out.isPresent() || figures.isEmpty()) {
      Path file = out.orElseGet(() -> folders.get(0).resolve(ReportPage.FILE));
      page.write(file);
      console.println(file);
    }
    figures.ifPresent(dir -> PaperFigures.write(page.figures(), dir).forEach(console::println));
    console.flush();
    return 0;
  }
}
