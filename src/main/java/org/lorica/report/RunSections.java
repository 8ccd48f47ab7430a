package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The words and tables of a report: what was reached, promised, set and run. */
final class RunSections {
  private static final int MOST_ROUNDS = 500;

  private RunSections() {}

  static List<String> of(List<StoredRun> runs) {
    List<String> all = new ArrayList<>();
    List<StoredRun> trained = runs.stream().filter(r -> !r.manifest().isMissingNode()).toList();
    if (!trained.isEmpty()) {
      all.add(outcome(trained));
    }
    for (StoredRun run : trained) {
      String of = trained.size() > 1 ? ": " + run.name() : "";
      if (!run.extras().privacy().isMissingNode()) {
        all.add(privacy(run, of));
      }
      all.add(again(run, of));
      all.add(rounds(run, of));
    }
    if (!trained.isEmpty()) {
      all.add(settings(trained));
    }
    return all;
  }

  /** One line a run. */
  private static String outcome(List<StoredRun> runs) {
    StringBuilder html =
        new StringBuilder(
            "<section id=\"outcome\"><h2>Outcome</h2><div class=\"scroll\"><table>\n");
    html.append(
        row(
            "th",
            "run",
            "state",
            "method",
            "clients",
            "round",
            "held-out",
            "loss, nats",
            "ε",
            "seconds"));
    for (StoredRun run : runs) {
      double metric = run.last("quality.metricValue");
      double epsilon = run.last("epsilon");
      html.append(
          row(
              "td",
              run.name(),
              state(run),
              run.setting("strategy.name").asText(),
              run.setting("clients.count").asText(),
              rounds(run),
              Double.isNaN(metric) ? "–" : Wording.metric(run.metric(), metric),
              shown("%.3f", run.last("quality.testLoss")),
              Double.isNaN(epsilon) ? "not claimed" : shown("%.2f", epsilon),
              shown("%.0f", seconds(run))));
    }
    return html.append("</table></div></section>\n").toString();
  }

  private static String state(StoredRun run) {
    return run.manifest().path("status").asText("?").toLowerCase(java.util.Locale.ROOT);
  }

  private static String rounds(StoredRun run) {
    return run.rounds().size() + " of " + run.setting("federation.rounds").asText("?");
  }

  private static double seconds(StoredRun run) {
    return run.rounds().stream().mapToDouble(StoredRun::seconds).sum();
  }

  private static String privacy(StoredRun run, String of) {
    StringBuilder html =
        new StringBuilder("<section><h2>Privacy" + Html.escaped(of) + "</h2><ul>\n");
    PrivacyWords.of(run.extras().privacy())
        .forEach(w -> html.append("<li>").append(Html.escaped(w)).append("</li>\n"));
    return html.append("</ul></section>\n").toString();
  }

  private static String again(StoredRun run, String of) {
    StringBuilder command = new StringBuilder("./submit/lorica");
    run.manifest()
        .path("commandLine")
        .forEach(word -> command.append(' ').append(quoted(word.asText())));
    StringBuilder html =
        new StringBuilder("<section><h2>Run it again" + Html.escaped(of) + "</h2>\n");
    html.append("<pre>").append(Html.escaped(command.toString())).append("</pre>\n<p>Seed ");
    html.append(Html.escaped(run.manifest().path("seed").asText())).append("; begun ");
    html.append(Html.escaped(run.manifest().path("startTime").asText())).append("; ");
    List<String> versions = new ArrayList<>();
    run.manifest()
        .path("versions")
        .properties()
        .forEach(v -> versions.add(v.getKey() + " " + v.getValue().asText()));
    html.append(Html.escaped(String.join(", ", versions)));
    if (!run.isSimulation()) {
      html.append(". The noise's key was secret: another run draws other noise");
    }
    return html.append(".</p></section>\n").toString();
  }

  /** As a shell takes it. */
  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private static String rounds(StoredRun run, String of) {
    StringBuilder html =
        new StringBuilder(
            "<details><summary>Rounds"
                + Html.escaped(of)
                + "</summary><div class=\"scroll\"><table>\n");
    html.append(row("th", "round", "metric", "loss, nats", "ε", "clients", "KiB up", "KiB down"));
    List<JsonNode> rounds = run.rounds();
    for (JsonNode round : rounds.subList(Math.max(0, rounds.size() - MOST_ROUNDS), rounds.size())) {
      html.append(
          row(
              "td",
              round.path("round").asText(),
              shown("%.4f", StoredRun.number(round, "quality.metricValue")),
              shown("%.4f", StoredRun.number(round, "quality.testLoss")),
              shown("%.4f", StoredRun.number(round, "epsilon")),
              run.tellsCohorts() ? round.path("clients").asText() : "–",
              shown("%.1f", StoredRun.number(round, "traffic.bytesUpPerClient") / 1024),
              shown("%.1f", StoredRun.number(round, "traffic.bytesDownPerClient") / 1024)));
    }
    return html.append("</table></div></details>\n").toString();
  }

  /** Every key; where runs differ, the key is marked. */
  private static String settings(List<StoredRun> runs) {
    List<Map<String, String>> columns = new ArrayList<>();
    TreeSet<String> keys = new TreeSet<>();
    for (StoredRun run : runs) {
      Map<String, String> column = new LinkedHashMap<>(run.settings());
      columns.add(column);
      keys.addAll(column.keySet());
    }
    StringBuilder html =
        new StringBuilder(
            "<details><summary>Configuration</summary><div class=\"scroll\"><table>\n");
    List<String> header = new ArrayList<>(List.of("key"));
    runs.forEach(r -> header.add(r.name()));
    html.append(row("th", header.toArray(String[]::new)));
    for (String key : keys) {
      List<String> cells = new ArrayList<>(List.of(key));
      columns.forEach(c -> cells.add(c.getOrDefault(key, "–")));
      boolean differs = cells.stream().skip(1).distinct().count() > 1;
      String line = row("td", cells.toArray(String[]::new));
      html.append(differs ? line.replaceFirst("<tr>", "<tr class=\"differs\">") : line);
    }
    return html.append("</table></div></details>\n").toString();
  }

  private static String row(String tag, String... cells) {
    StringBuilder html = new StringBuilder("<tr>");
    for (String cell : cells) {
      html.append('<').append(tag).append('>').append(Html.escaped(cell));
      html.append("</").append(tag).append('>');
    }
    return html.append("</tr>\n").toString();
  }

  private static String shown(String pattern, double value) {
    return Double.isNaN(value) ? "–" : Wording.format(pattern, value);
  }
}
