package org.lorica.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Held-out loss of every method less that of one of them, seed by seed. With one seed all methods
 * see the same split, cohorts and batches, so the differences vary less than the losses do.
 *
 * @param baseline the method that the others are compared with
 */
public record PairedDifferences(String baseline, List<ComparisonRow> rows) {
  public PairedDifferences {
    rows = List.copyOf(rows);
  }

  /** What a column holds. */
  private record Group(String budget, String level) {
    boolean has(ComparisonRow row) {
      return row.setting().budget().equals(budget) && row.setting().level().equals(level);
    }
  }

  /** Of one method where it and the baseline have seeds in common. */
  Optional<ComparisonRow.Figure> of(String method, String budget, String level) {
    Group group = new Group(budget, level);
    return row(baseline, group)
        .flatMap(base -> row(method, group).map(row -> row.loss().minus(base.loss())))
        .filter(difference -> !difference.bySeed().isEmpty());
  }

  private Optional<ComparisonRow> row(String method, Group group) {
    return rows.stream()
        .filter(row -> row.setting().method().equals(method) && group.has(row))
        .findFirst();
  }

  /** One row a method, one column a budget and level; nothing without the baseline's rows. */
  public String markdown() {
    List<Group> groups =
        rows.stream()
            .filter(row -> row.setting().method().equals(baseline))
            .map(row -> new Group(row.setting().budget(), row.setting().level()))
            .distinct()
            .toList();
    if (groups.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    text.append("### Loss less that of ").append(baseline).append(", nats, paired by seed\n\n");
    text.append("Below 0 is better than ").append(baseline);
    text.append("; ± one standard error of the mean difference.\n\n| method |");
    groups.forEach(g -> text.append(" ε = %s, %s |".formatted(g.budget(), g.level())));
    text.append("\n|---|").append("---|".repeat(groups.size())).append('\n');
    List<String> methods = new ArrayList<>();
    rows.forEach(row -> methods.add(row.setting().method()));
    methods.stream()
        .distinct()
        .filter(method -> !method.equals(baseline))
        .forEach(method -> line(method, groups, text));
    return text.append('\n').toString();
  }

  private void line(String method, List<Group> groups, StringBuilder text) {
    text.append("| ").append(method).append(" |");
    for (Group group : groups) {
      String cell =
          of(method, group.budget(), group.level()).map(PairedDifferences::shown).orElse("–");
      text.append(' ').append(cell).append(" |");
    }
    text.append('\n');
  }

  private static String shown(ComparisonRow.Figure difference) {
    String mean = String.format(Locale.ROOT, "%+.3f", difference.mean());
    return Double.isNaN(difference.error())
        ? mean
        : mean + String.format(Locale.ROOT, " ± %.3f", difference.error());
  }
}
